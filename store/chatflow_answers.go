package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"switchboard/inbox"
)

// ChatflowAnswers returns what a conversation's contact answered to chatflows, in
// order.
func (s *Store) ChatflowAnswers(ctx context.Context, conversationID string) ([]inbox.GivenAnswer, error) {
	var runs []chatflowRunRow
	if err := s.reading(ctx).Where("conversation_id = ?", conversationID).Order("episode").Find(&runs).Error; err != nil {
		return nil, fmt.Errorf("load answers to chatflows: %w", err)
	}
	given := []inbox.GivenAnswer{}
	for _, run := range runs {
		if len(run.Answers) == 0 {
			continue
		}
		kept, err := take[chatflowRevisionRow](s.reading(ctx).Where("chatflow_id = ? AND revision = ?", run.ChatflowID, run.Revision), "chatflow revision")
		if err != nil {
			return nil, err
		}
		for _, answer := range run.Answers {
			given = append(given, givenAnswer(run.Episode, answer, kept.Content.V.Steps))
		}
	}
	return given, nil
}

func givenAnswer(episode int, answer inbox.ChatflowAnswer, steps []inbox.ChatStep) inbox.GivenAnswer {
	given := inbox.GivenAnswer{ChatflowAnswer: answer, Episode: episode, Text: answer.Value}
	at := slices.IndexFunc(steps, func(s inbox.ChatStep) bool { return s.ID == answer.StepID })
	if at < 0 {
		return given
	}
	given.Question = strings.TrimSpace(strings.ReplaceAll(steps[at].Text, inbox.ReplyTimePlaceholder, ""))
	for _, preset := range steps[at].Answers {
		if preset.ID == answer.Value {
			given.Text = preset.Title
		}
	}
	return given
}
