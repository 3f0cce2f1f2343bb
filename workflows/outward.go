package workflows

import (
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"switchboard/activities"
)

// deliver hands the outbox to the providers, one answer after the other, so
// that a contact reads them in order.
func (c *conversation) deliver() {
	if c.delivering || len(c.Outbox) == 0 {
		return
	}
	c.delivering = true
	workflow.Go(c.outward, func(ctx workflow.Context) {
		defer func() { c.delivering = false }()
		for len(c.Outbox) > 0 {
			next := c.Outbox[0]
			err := workflow.ExecuteActivity(providerCall(ctx, next.Queue, "send answer"),
				steps.SendMessage, next.MessageID).Get(ctx, nil)
			if temporal.IsCanceledError(err) {
				return
			}
			if err != nil {
				c.giveUp(ctx, next.MessageID, err)
			}
			c.Outbox = c.Outbox[1:]
		}
	})
}

// send puts an answer into the outbox, unless it is there.
func (c *conversation) send(answered activities.Answered) {
	if !c.sends(answered.MessageID) {
		c.Outbox = append(c.Outbox, Sending{MessageID: answered.MessageID, Queue: answered.Queue})
		c.deliver()
	}
}

// sends reports whether an answer is on its way: the same may be asked for again
// after continue-as-new.
func (c *conversation) sends(messageID string) bool {
	return slices.ContainsFunc(c.Outbox, func(s Sending) bool { return s.MessageID == messageID })
}

// giveUp shows the agent that an answer did not leave.
func (c *conversation) giveUp(ctx workflow.Context, messageID string, cause error) {
	log := workflow.GetLogger(ctx)
	log.Error("answer was not sent", "message_id", messageID, "error", cause)
	if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "fail answer"), steps.FailMessage, messageID).Get(ctx, nil); err != nil {
		log.Error("failed answer was not recorded", "message_id", messageID, "error", err)
	}
}

// startNotices mails notices, but for those that are on their way already.
func (c *conversation) startNotices(ids []string) {
	for _, id := range ids {
		if !slices.Contains(c.Notices, id) {
			c.startNotice(id)
		}
	}
}

// startNotice mails one notice beside the episode's own course.
func (c *conversation) startNotice(noticeID string) {
	c.Notices = append(c.Notices, noticeID)
	c.telling++
	workflow.Go(c.outward, func(ctx workflow.Context) {
		defer func() { c.telling-- }()
		err := workflow.ExecuteActivity(providerCall(ctx, activities.MailQueue, "send notice"),
			steps.SendNotice, noticeID).Get(ctx, nil)
		if temporal.IsCanceledError(err) {
			return
		}
		if err != nil {
			workflow.GetLogger(ctx).Error("notice was not sent", "notice_id", noticeID, "error", err)
		}
		c.Notices = slices.DeleteFunc(c.Notices, func(id string) bool { return id == noticeID })
	})
}

// name asks what the contact is called beside the episode's own course. Nothing
// waits for it, closing neither.
func (c *conversation) name() {
	if c.NameQueue != "" && !c.Naming {
		c.Naming = true
		c.startNaming()
	}
}

func (c *conversation) startNaming() {
	c.asking++
	workflow.Go(c.outward, func(ctx workflow.Context) {
		defer func() { c.asking-- }()
		err := workflow.ExecuteActivity(providerCall(ctx, c.NameQueue, "ask for the contact's name"), steps.NameContact, c.ref).Get(ctx, nil)
		if temporal.IsCanceledError(err) {
			return
		}
		if err != nil {
			workflow.GetLogger(ctx).Warn("the contact stays without a name", "conversation_id", c.ref.ConversationID, "error", err)
		}
		c.NameQueue, c.Naming = "", false
	})
}

// fetch fetches the files of messages beside the episode's own course; those that
// are on their way already are left alone.
func (c *conversation) fetch(messages []activities.Fetching) {
	for _, message := range messages {
		if !slices.Contains(c.Fetching, message) {
			c.startFetch(message)
		}
	}
}

func (c *conversation) startFetch(message activities.Fetching) {
	c.Fetching = append(c.Fetching, message)
	c.fetching++
	workflow.Go(c.outward, func(ctx workflow.Context) {
		defer func() { c.fetching-- }()
		err := workflow.ExecuteActivity(providerCall(ctx, message.Queue, "fetch files"),
			steps.FetchFiles, message.MessageID).Get(ctx, nil)
		if temporal.IsCanceledError(err) {
			return
		}
		if err != nil {
			c.loseFiles(ctx, message.MessageID, err)
		}
		c.Fetching = slices.DeleteFunc(c.Fetching, func(m activities.Fetching) bool { return m == message })
	})
}

// loseFiles shows the agent that a message's files will not come.
func (c *conversation) loseFiles(ctx workflow.Context, messageID string, cause error) {
	log := workflow.GetLogger(ctx)
	log.Error("files were not fetched", "message_id", messageID, "error", cause)
	if err := workflow.ExecuteLocalActivity(databaseStep(ctx, "give up files"), steps.LoseFiles, messageID).Get(ctx, nil); err != nil {
		log.Error("lost files were not recorded", "message_id", messageID, "error", err)
	}
}
