// Reasons, codes and events in words; docs/routing.md, docs/calls.md and
// docs/chatflows.md list them.
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
  no_phone: "has no phone",
  on_a_call: "is on another call",
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
  closed_by_agent: "by an agent",
  chatflow: "the bot had nothing left to do",
  quiet: "nobody wrote for a long time",
  unanswered: "nobody picked up",
  hung_up: "the caller hung up",
  not_decided_in_time: "it took too long to find somebody",
  completed: "it came to its end",
  not_understood: "it did not understand the answers",
  too_long: "it went on for too long",
  no_answer: "the contact did not answer",
  interrupted: "an agent took over",
};

// Codes of providers, and of ours for what failed.
const codes = {
  busy: "busy",
  "no-answer": "no answer",
  failed: "could not be reached",
  canceled: "the caller hung up",
  not_taken: "picked up, but did not take the call",
  window_closed: "the time to answer was over",
  human_agent_only: "only a person may answer",
  template_required: "only a template may be sent",
  consent_missing: "the contact has not agreed",
  contact_unreachable: "the contact cannot be reached",
  permission_missing: "we may not send it",
  other_app: "another application has the conversation",
  rate_limited: "too much at once; it is tried again",
  unavailable: "the provider is away; it is tried again",
  delivery_unknown: "nobody knows whether it arrived",
  delivery_failed: "it was refused",
  no_reply_address: "there is no address to answer to",
  file_too_large: "it is too large",
  file_unavailable: "it is gone",
  file_refused: "its address is not one we go to",
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
  merge_undone: "Two contacts were parted again",
  consent_asked: "The contact was asked to agree",
  consent_given: "The contact agreed",
  consent_missed: "The contact did not agree in time; what he wrote is deleted",
  assigned: "Assigned",
  waiting: "Waits for somebody",
  left_to_triage: "Left to the team",
  not_answered_in_time: "Not answered in time",
  ticket_created: "Ticket opened",
  ticket_skipped: "No ticket",
  notice_sent: "was told by mail",
  notice_failed: "could not be told by mail",
  transcript_sent: "A copy was mailed",
  transcript_failed: "A copy could not be mailed",
  window_opened: "The provider lets us write",
  window_refused: "The provider says that the time to answer is over",
  call_received: "A call came in",
  call_ringing: "The phone rings",
  call_answered: "The call was answered",
  call_unanswered: "The phone was not answered",
  call_missed: "The call was missed",
  call_ended: "The call ended",
  voicemail_left: "A voice message was left",
  file_fetched: "A file was fetched",
  file_lost: "A file could not be fetched",
  typing: "Somebody is typing",
  messages_read: "The messages were read",
  chatflow_step: "The bot said something",
  chatflow_finished: "The bot is done",
  comment_added: "Comment",
  tags_changed: "Tags changed",
};

const states = {
  pending: "waiting to be sent", sending: "on its way", sent: "sent", delivered: "delivered", read: "read",
  failed: "not sent", unknown: "perhaps sent", held: "held until the contact agrees", dropped: "deleted", received: "",
};

const kinds = { email: "E-mail", form: "Form", chat: "Chat", messenger: "Messenger", whatsapp: "WhatsApp", call: "Call" };

const plain = (code) => String(code).replaceAll("_", " ");

export const reason = (code) => reasons[code] ?? plain(code);
export const failure = (code) => codes[code] ?? plain(code);
export const event = (kind) => events[kind] ?? plain(kind);
export const stateOf = (state) => states[state] ?? plain(state);
export const kindOf = (kind) => kinds[kind] ?? plain(kind);

const clock = { hour: "numeric", minute: "2-digit" };
const isToday = (time) => time.toDateString() === new Date().toDateString();

// at is a time of today, or a date.
export function at(value) {
  const time = new Date(value);
  return isToday(time) ? time.toLocaleTimeString([], clock) : time.toLocaleDateString([], { day: "numeric", month: "short" });
}

export function until(value) {
  const time = new Date(value);
  const day = isToday(time) ? "" : ` on ${time.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" })}`;
  return `until ${time.toLocaleTimeString([], clock)}${day}`;
}

export function lasting(seconds) {
  const minutes = Math.floor(seconds / 60);
  return [minutes && `${minutes} min`, `${seconds % 60} s`].filter(Boolean).join(" ");
}
