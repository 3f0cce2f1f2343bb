package e2e

import "testing"

// mainJob is what Switchboard is for, in statements that hold in every shape of
// it. Each works in an office of its own.
var mainJob = []struct {
	statement string
	holds     func(*testing.T, *system)
}{
	{"a submission is assigned, becomes a ticket, and says why", submissionIsRouted},
	{"forms are submitted as browsers do, with files", browsersSubmitForms},
	{"a form's ready page posts to it", readyPagePosts},
	{"answers to a form are mails in one thread", answersAreMailed},
	{"mail is routed, answered in its thread, and joined by what answers it", mailsAreOneConversation},
	{"mail is refused where it does not belong", mailIsRefusedWhereItDoesNotBelong},
	{"mail from programs opens nothing, a bounce fails the answer", mailFromProgramsOpensNothing},
	{"mail that cannot be read is kept with the reason", unreadableMailIsKept},
	{"an agent and a visitor chat as it happens", agentAndVisitorChat},
	{"what to paste into a website is mailed to its developer", whatToPasteIsMailed},
	{"a visitor has a copy of the chat mailed", visitorHasTheChatMailed},
	{"a stream continues after the last event received", streamsContinue},
	{"a visitor who says who he is stays one contact", visitorsIdentify},
	{"an offline owner is told once", offlineOwnerIsToldOnce},
	{"nobody available: the team is told, then the oldest goes first", backlogDrainsOldestFirst},
	{"an agent who does not answer in time loses it to the next", unansweredGoToTheNext},
	{"a closed conversation reopens with the next message or by hand", conversationsReopen},
	{"a snoozed conversation wakes in time or with the next message", conversationsSnooze},
	{"a conversation is transferred, commented and tagged", conversationsAreWorkedOn},
	{"bad input is refused naming the field, and nothing is stored", badInputNamesTheField},
	{"an erased contact is gone from everything that was said", contactsAreErased},
	{"Temporal shows each conversation and why it went where it went", temporalShowsConversations},
	{"health and metrics are answered", healthIsAnswered},
	{"histories, logs and metrics hold no personal data", nothingPersonalIsKept},
}

func holdMainJob(t *testing.T, s *system) {
	for _, s1 := range mainJob {
		t.Run(s1.statement, func(t *testing.T) { s1.holds(t, s) })
	}
}

func TestTheMainJobIsDoneByOneCommand(t *testing.T) {
	holdMainJob(t, startDev(t, t.TempDir()).system)
}
