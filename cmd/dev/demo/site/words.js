// Reasons and events in words; docs/routing.md lists them.
const reasons = {
  assignment_off: "the channel leaves it to the team",
  contact_owner: "owns the contact",
  rule: "by the channel's rule",
  fallback_team: "from the fallback team",
  previous_assignee: "had it before",
  nobody_eligible: "nobody can take it now",
  manual: "by hand",
  answered: "answered it",
  already_assigned: "has it already",
  not_active: "nothing to route",
  contact_has_no_owner: "the contact has no owner",
  chosen: "chosen",
  eligible: "could have taken it",
  no_seat: "has no seat",
  away: "away",
  outside_hours: "outside their hours",
  outside_channel_hours: "the channel is closed",
  at_capacity: "has as many as they may",
  at_inbox_capacity: "has as many of this inbox as they may",
  let_it_pass: "let it pass before",
  no_inbox_access: "does not see this inbox",
  fallback_not_needed: "was not needed",
  tickets_off: "the channel makes none",
  account_policy: "the account forbids it",
  contact_limit: "the contact has enough",
  no_contact: "nobody knows who writes",
  no_pipeline: "there is no pipeline",
  nobody_wrote: "nobody asked for anything",
};

const events = {
  conversation_opened: "Opened",
  conversation_reopened: "Reopened",
  conversation_closed: "Closed",
  conversation_snoozed: "Put to sleep",
  conversation_woken: "Woke up",
  message_received: "A message came in",
  reply_created: "An answer was written",
  reply_refused: "An answer was refused",
  message_state_changed: "The answer is",
  contact_resolved: "Found out who writes",
  merge_suggested: "Perhaps two contacts are one person",
  assigned: "Assigned",
  waiting: "Waits for somebody",
  left_to_triage: "Left to the team",
  not_answered_in_time: "Not answered in time",
  ticket_created: "Ticket opened",
  ticket_skipped: "No ticket",
  notice_sent: "Somebody was told by mail",
  notice_failed: "Telling somebody by mail failed",
  messages_read: "An agent read it",
  window_opened: "The provider lets us write",
  comment_added: "Comment",
  tags_changed: "Tags changed",
};

const windows = {
  open: "anything may be sent",
  human_agent: "a person may answer, programs may not",
  closed: "nothing but approved templates",
};

const plain = (code) => String(code).replaceAll("_", " ");

export const reason = (code) => reasons[code] ?? plain(code);
export const event = (kind) => events[kind] ?? plain(kind);
export const windowState = (state) => windows[state] ?? plain(state);
export const at = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
