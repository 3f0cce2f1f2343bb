package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// TemplateList returns the templates that the provider of a kind of channel
// approved; it is zero until the provider was asked.
func (s *Store) TemplateList(ctx context.Context, kind inbox.ChannelKind) (inbox.TemplateList, error) {
	row, err := take[templateListRow](s.reading(ctx).Where("kind = ?", kind), "list of templates")
	if inbox.CodeOf(err) == inbox.CodeNotFound {
		return inbox.TemplateList{}, nil
	}
	if err != nil {
		return inbox.TemplateList{}, err
	}
	return inbox.TemplateList{
		Templates: row.Templates.V, FetchedAt: row.FetchedAt.Time, FailedAt: row.FailedAt.Time, Failure: row.Failure,
	}, nil
}

// KeepTemplates replaces the list by what the provider said at a time; next is
// when it is asked again.
func (s *Store) KeepTemplates(ctx context.Context, kind inbox.ChannelKind, templates []inbox.ApprovedTemplate, at, next time.Time) error {
	if templates == nil {
		templates = []inbox.ApprovedTemplate{}
	}
	return s.saveTemplates(ctx, templateListRow{
		Kind: kind, Templates: jsonOf[[]inbox.ApprovedTemplate]{templates}, FetchedAt: stampOf(at), NextAt: stampOf(next),
	}, "templates", "fetched_at", "failed_at", "failure", "next_at")
}

// TemplatesFailed records that the provider was asked in vain. What it said before
// stays.
func (s *Store) TemplatesFailed(ctx context.Context, kind inbox.ChannelKind, failure inbox.Code, at, next time.Time) error {
	return s.saveTemplates(ctx, templateListRow{
		Kind: kind, Templates: jsonOf[[]inbox.ApprovedTemplate]{[]inbox.ApprovedTemplate{}},
		FailedAt: stampOf(at), Failure: failure, NextAt: stampOf(next),
	}, "failed_at", "failure", "next_at")
}

// saveTemplates adds the row, or changes the columns of the one that is there.
func (s *Store) saveTemplates(ctx context.Context, row templateListRow, columns ...string) error {
	err := s.write.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "kind"}}, DoUpdates: clause.AssignmentColumns(columns),
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("keep templates: %w", err)
	}
	return nil
}

// TemplatesDue reports whether the provider of a kind of channel is to be asked for
// its templates: there is a channel, and the time has come.
func (s *Store) TemplatesDue(ctx context.Context, kind inbox.ChannelKind, now time.Time) (due bool, err error) {
	err = s.reading(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM channels WHERE kind = ? AND deleted_at IS NULL)
		AND NOT EXISTS (SELECT 1 FROM template_lists WHERE kind = ? AND next_at > ?)`, kind, kind, stampOf(now)).Scan(&due).Error
	if err != nil {
		return false, fmt.Errorf("look whether templates are due: %w", err)
	}
	return due, nil
}

type templateListRow struct {
	Kind      inbox.ChannelKind `gorm:"primaryKey"`
	Templates jsonOf[[]inbox.ApprovedTemplate]
	FetchedAt stamp
	FailedAt  stamp
	Failure   inbox.Code
	NextAt    stamp
}

func (templateListRow) TableName() string { return "template_lists" }
