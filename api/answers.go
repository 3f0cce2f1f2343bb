package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/inbox"
)

// ListAnswers lists what a contact answered to chatflows (C11).
func (s *server) ListAnswers(c *gin.Context, id string) {
	if _, err := s.visibleConversation(c, id); err != nil {
		refuse(c, err)
		return
	}
	answers, err := s.store.ChatflowAnswers(c.Request.Context(), id)
	answer(c, http.StatusOK, answers, err, func(answers []inbox.GivenAnswer) contract.AnswerList {
		return contract.AnswerList{Items: each(answers, answerOut)}
	})
}

func answerOut(given inbox.GivenAnswer) contract.Answer {
	return contract.Answer{
		Episode: given.Episode, StepID: given.StepID, Question: given.Question,
		Collect: optional(contract.AnswerCollect(given.Collect)), Field: optional(given.Field),
		Value: given.Value, Text: given.Text,
	}
}
