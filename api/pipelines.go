package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// ListPipelines lists the pipelines tickets go through.
func (s *server) ListPipelines(c *gin.Context, params contract.ListPipelinesParams) {
	pipelines, next, err := s.store.Pipelines(c.Request.Context(), page(params.Cursor, params.Limit))
	answerPage(c, pipelines, next, err, pipelineOut)
}

// GetPipeline answers one pipeline.
func (s *server) GetPipeline(c *gin.Context, id string) {
	pipeline, err := s.store.Pipeline(c.Request.Context(), id)
	answer(c, http.StatusOK, pipeline, err, pipelineOut)
}

// CreatePipeline creates a pipeline.
func (s *server) CreatePipeline(c *gin.Context) {
	pipeline, err := decodePipeline(c, inbox.Pipeline{})
	if err != nil {
		refuse(c, err)
		return
	}
	pipeline, err = s.store.CreatePipeline(c.Request.Context(), pipeline)
	answer(c, http.StatusCreated, pipeline, err, pipelineOut)
}

// UpdatePipeline changes a pipeline's name or stages.
func (s *server) UpdatePipeline(c *gin.Context, id string) {
	ctx := c.Request.Context()
	before, err := s.store.Pipeline(ctx, id)
	if err != nil {
		refuse(c, err)
		return
	}
	pipeline, err := decodePipeline(c, before)
	if err != nil {
		refuse(c, err)
		return
	}
	pipeline, err = s.store.UpdatePipeline(ctx, pipeline)
	answer(c, http.StatusOK, pipeline, err, pipelineOut)
}

// decodePipeline refuses stage ids the pipeline does not have, so that a stage
// never belongs to two.
func decodePipeline(c *gin.Context, current inbox.Pipeline) (inbox.Pipeline, error) {
	in, err := decodePatch(c, pipelineOut(current))
	if err != nil {
		return inbox.Pipeline{}, err
	}
	free := map[string]bool{"": true}
	for _, stage := range current.Stages {
		free[stage.ID] = true
	}
	for _, stage := range in.Stages {
		if !free[stage.ID] {
			return inbox.Pipeline{}, inbox.Invalid("stages", "The pipeline has no such stage, or it is named twice.")
		}
		free[stage.ID] = stage.ID == ""
	}
	return inbox.Pipeline{ID: current.ID, Name: in.Name, Stages: in.Stages}, nil
}

func pipelineOut(pipeline inbox.Pipeline) contract.Pipeline {
	return contract.Pipeline{ID: pipeline.ID, Name: pipeline.Name, Stages: listed(pipeline.Stages)}
}
