package store

import (
	"context"
	"fmt"
	"time"

	"switchboard/inbox"
)

// CreatePipeline stores a new pipeline under a new id; stages without an id
// get one. A name that another pipeline has is CodeConflict.
func (s *Store) CreatePipeline(ctx context.Context, pipeline inbox.Pipeline) (inbox.Pipeline, error) {
	row := pipelineRow{
		ID: NewID(), Name: pipeline.Name, Stages: identified(pipeline.Stages), CreatedAt: stampOf(time.Now()),
	}
	if err := s.write.WithContext(ctx).Create(&row).Error; err != nil {
		return inbox.Pipeline{}, pipelineError(err)
	}
	return row.pipeline(), nil
}

// UpdatePipeline replaces a pipeline's name and stages. A stage that holds
// tickets cannot be taken away: CodeConflict.
func (s *Store) UpdatePipeline(ctx context.Context, pipeline inbox.Pipeline) (inbox.Pipeline, error) {
	pipeline.Stages = identified(pipeline.Stages)
	err := s.tx(ctx, func(t *tx) error {
		update := t.Model(&pipelineRow{}).Where("id = ?", pipeline.ID).
			Updates(map[string]any{"name": pipeline.Name, "stages": list[inbox.Stage](pipeline.Stages)})
		if err := changed(update, "pipeline"); err != nil {
			return err
		}
		kept := append(convert(pipeline.Stages, func(stage inbox.Stage) string { return stage.ID }), "")
		var stranded []string
		err := t.Model(&ticketRow{}).Where("pipeline_id = ? AND stage_id NOT IN ?", pipeline.ID, kept).
			Limit(1).Pluck("id", &stranded).Error
		if err != nil {
			return fmt.Errorf("look for tickets: %w", err)
		}
		if len(stranded) > 0 {
			return inbox.Errorf(inbox.CodeConflict, "A stage that holds tickets cannot be taken away.")
		}
		return nil
	})
	if err != nil {
		return inbox.Pipeline{}, pipelineError(err)
	}
	return pipeline, nil
}

func identified(stages []inbox.Stage) []inbox.Stage {
	return convert(stages, func(stage inbox.Stage) inbox.Stage {
		if stage.ID == "" {
			stage.ID = NewID()
		}
		return stage
	})
}

func pipelineError(err error) error {
	return unique(err, inbox.CodeConflict, "Another pipeline has this name.")
}

// Pipeline returns one pipeline.
func (s *Store) Pipeline(ctx context.Context, id string) (inbox.Pipeline, error) {
	row, err := take[pipelineRow](s.reading(ctx).Where("id = ?", id), "pipeline")
	return row.pipeline(), err
}

// Pipelines lists the pipelines, oldest first.
func (s *Store) Pipelines(ctx context.Context, page Page) ([]inbox.Pipeline, string, error) {
	rows, cursor, err := pageByID(s.reading(ctx), page, oldestFirst, func(r pipelineRow) string { return r.ID })
	return convert(rows, pipelineRow.pipeline), cursor, err
}
