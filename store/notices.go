package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"switchboard/inbox"
)

// nobodyEvery is how often a team is told at the most that nobody is eligible
// (B5).
const nobodyEvery = 15 * time.Minute

// PlanNotice records a notice as pending: once for an episode, kind, recipient and
// what it is About (G6), and a nobody-eligible notice besides once for a team in 15
// minutes (B5). A notice that exists is returned with created false, one that
// the 15 minutes forbid is the zero Notice. Without a MessageID the notice's own
// id stands for it.
func (s *Store) PlanNotice(ctx context.Context, notice inbox.Notice) (planned inbox.Notice, created bool, err error) {
	err = s.tx(ctx, func(t *tx) (err error) {
		planned, created, err = s.planNotice(t, notice)
		return err
	})
	if err != nil {
		return inbox.Notice{}, false, fmt.Errorf("plan notice: %w", err)
	}
	return planned, created, nil
}

func (s *Store) planNotice(t *tx, notice inbox.Notice) (planned inbox.Notice, created bool, err error) {
	at := stored(notice.CreatedAt)
	limited := notice.Kind == inbox.NoticeNobody
	if limited {
		if err := s.lockNotices(t); err != nil {
			return planned, false, err
		}
	}
	planned, found, err := t.plannedNotice(notice)
	if found || err != nil {
		return planned, false, err
	}
	if limited {
		var recent []noticeRow
		err := t.Where("kind = ? AND team_id = ? AND created_at > ?", notice.Kind, notice.TeamID, stampOf(at.Add(-nobodyEvery))).
			Limit(1).Find(&recent).Error
		if err != nil || len(recent) > 0 {
			return planned, false, err
		}
	}
	row := noticeRow{
		ID: NewID(), Kind: notice.Kind, ConversationID: notice.Episode.ConversationID, Episode: notice.Episode.Episode,
		AgentID: notice.AgentID, TeamID: notice.TeamID, About: notice.About, State: inbox.NoticePending, CreatedAt: stampOf(at), NextTryAt: stampOf(at),
	}
	row.MessageID = cmp.Or(notice.MessageID, row.ID)
	insert := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if insert.Error != nil {
		return planned, false, insert.Error
	}
	if insert.RowsAffected > 0 {
		return row.notice(), true, nil
	}
	// Another transaction planned it meanwhile, and has committed.
	planned, _, err = t.plannedNotice(notice)
	return planned, false, err
}

// plannedNotice finds the notice of the same episode, kind and recipient.
func (t *tx) plannedNotice(notice inbox.Notice) (planned inbox.Notice, found bool, err error) {
	var rows []noticeRow
	err = t.Where("conversation_id = ? AND episode = ? AND kind = ? AND agent_id = ? AND team_id = ? AND about = ?",
		notice.Episode.ConversationID, notice.Episode.Episode, notice.Kind, notice.AgentID, notice.TeamID, notice.About).
		Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return planned, false, err
	}
	return rows[0].notice(), true, nil
}

// NoticeMail is a notice that has to be mailed now.
type NoticeMail struct {
	Notice inbox.Notice
	// To are the recipients' mail addresses.
	To           []string
	Account      inbox.Account
	Conversation inbox.Conversation
	// ContactName is the contact's address or number while nobody knows the name, ""
	// without any; Text is the contact's last message.
	InboxName, ContactName, Text string
}

// Notice returns one notice.
func (s *Store) Notice(ctx context.Context, id string) (inbox.Notice, error) {
	row, err := take[noticeRow](s.reading(ctx).Where("id = ?", id), "notice")
	return row.notice(), err
}

// ClaimNotice takes a pending notice for sending; ok is false when there is
// nothing to send, and the answer is the Notice alone. A notice found in "sending" was perhaps mailed before its
// process died: it becomes "unknown" and is never mailed again (G6).
func (s *Store) ClaimNotice(ctx context.Context, id string, at time.Time) (mail NoticeMail, ok bool, err error) {
	err = s.tx(ctx, func(t *tx) error {
		row, err := take[noticeRow](t.Clauses(forUpdate).Where("id = ?", id), "notice")
		if err != nil {
			return err
		}
		ok = row.State == inbox.NoticePending
		switch row.State {
		case inbox.NoticeSending:
			err = t.setNoticeState(&row, inbox.NoticeUnknown, inbox.CodeDeliveryUnknown, at)
		case inbox.NoticePending:
			err = t.setNoticeState(&row, inbox.NoticeSending, "", at)
		}
		if err != nil || !ok {
			mail = NoticeMail{Notice: row.notice()}
			return err
		}
		mail, err = t.noticeMail(row)
		return err
	})
	if err != nil {
		return NoticeMail{}, false, fmt.Errorf("claim notice: %w", err)
	}
	return mail, ok, nil
}

// FinishNotice records what became of a claimed notice: sent, failed or unknown
// with a code, or pending again after a clean refusal. Whatever does not follow
// its state changes nothing.
func (s *Store) FinishNotice(ctx context.Context, id string, state inbox.NoticeState, code inbox.Code, at time.Time) error {
	err := s.tx(ctx, func(t *tx) error {
		row, err := take[noticeRow](t.Clauses(forUpdate).Where("id = ?", id), "notice")
		if err != nil {
			return err
		}
		learned := row.State == inbox.NoticeUnknown && state == inbox.NoticeSent
		if row.State != inbox.NoticeSending && !learned {
			return nil
		}
		return t.setNoticeState(&row, state, code, at)
	})
	if err != nil {
		return fmt.Errorf("finish notice: %w", err)
	}
	return nil
}

// noticeData is a notice in the timeline.
type noticeData struct {
	NoticeID string           `json:"notice_id"`
	Kind     inbox.NoticeKind `json:"kind"`
	AgentID  string           `json:"agent_id,omitempty"`
	TeamID   string           `json:"team_id,omitempty"`
	AskedBy  string           `json:"asked_by,omitempty"`
	Code     inbox.Code       `json:"code,omitempty"`
}

func (t *tx) setNoticeState(row *noticeRow, state inbox.NoticeState, code inbox.Code, at time.Time) error {
	row.State, row.ErrorCode, row.NextTryAt = state, string(code), stampOf(at)
	if err := t.Model(row).Select("state", "error_code", "next_try_at").Updates(row).Error; err != nil {
		return fmt.Errorf("save notice: %w", err)
	}
	sent, failed := inbox.EventNoticeSent, inbox.EventNoticeFailed
	if row.Kind == inbox.NoticeTranscript {
		sent, failed = inbox.EventTranscriptSent, inbox.EventTranscriptFailed
	}
	var kind inbox.EventKind
	switch state {
	case inbox.NoticeSent:
		kind = sent
	case inbox.NoticeFailed, inbox.NoticeUnknown:
		kind = failed
	default:
		return nil
	}
	c, err := take[conversationRow](t.Select("id", "inbox_id").Where("id = ?", row.ConversationID), "conversation")
	if err != nil {
		return err
	}
	t.event(&c, kind, automation, noticeData{row.ID, row.Kind, row.AgentID, row.TeamID, row.AskedBy, code}, at)
	return nil
}

func (t *tx) noticeMail(row noticeRow) (NoticeMail, error) {
	c, err := take[conversationRow](t.Where("id = ?", row.ConversationID), "conversation")
	if err != nil {
		return NoticeMail{}, err
	}
	account, err := take[accountRow](t.DB, "account")
	if err != nil {
		return NoticeMail{}, err
	}
	mail := NoticeMail{Notice: row.notice(), Account: account.account(), Conversation: c.conversation()}
	err = t.Raw(`SELECT i.name AS inbox, COALESCE((SELECT NULLIF(name, '') FROM contacts WHERE id = c.contact_id),
				(SELECT min(value) FROM identities n WHERE n.contact_id = c.contact_id AND n.kind = 'email'),
				(SELECT min(value) FROM identities n WHERE n.contact_id = c.contact_id AND n.kind = 'phone'), '') AS contact,
			COALESCE((SELECT body_text FROM messages m WHERE m.conversation_id = c.id AND m.direction = ?
				AND NOT m.automatic ORDER BY m.id DESC LIMIT 1), '') AS body_text
		FROM conversations c JOIN inboxes i ON i.id = c.inbox_id WHERE c.id = ?`, inbox.DirectionIn, c.ID).
		Row().Scan(&mail.InboxName, &mail.ContactName, &mail.Text)
	if err != nil {
		return NoticeMail{}, fmt.Errorf("load what the notice says: %w", err)
	}
	mail.To, err = t.recipients(row)
	return mail, err
}

// recipients are the agent, or the team's alert address, or else the admins; of a
// transcript the address it was asked for, none once that was erased.
func (t *tx) recipients(row noticeRow) ([]string, error) {
	if row.Kind == inbox.NoticeTranscript {
		if row.Address == "" {
			return nil, nil
		}
		return []string{row.Address}, nil
	}
	agents := t.Model(&agentRow{}).Order("id")
	switch {
	case row.AgentID != "":
		agents = agents.Where("id = ?", row.AgentID)
	case row.TeamID != "":
		team, err := take[teamRow](t.Where("id = ?", row.TeamID), "team")
		if err != nil && inbox.CodeOf(err) != inbox.CodeNotFound {
			return nil, err
		}
		if team.AlertEmail != "" {
			return []string{team.AlertEmail}, nil
		}
		agents = agents.Where("admin")
	default:
		agents = agents.Where("admin")
	}
	var to []string
	if err := agents.Pluck("email", &to).Error; err != nil {
		return nil, fmt.Errorf("load recipients: %w", err)
	}
	return to, nil
}
