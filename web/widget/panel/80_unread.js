// What the visitor has seen: on every page of this website the same.

// arrived is called for each answer that was not there before.
const arrived = (message) => {
  stopsTyping();
  announce(`${message.author.name ?? company()}: ${message.text}`);
  if (!seeing()) ringFor(message.id);
};
const seeing = () => isOpen && document.visibilityState === 'visible';

// markRead is heard by the other pages as a change of what is stored.
const markRead = (id) => {
  if (store.get('seen') !== id) store.set('seen', id);
};
// tellRead says it to the company too.
let toldRead = '';
const tellRead = async () => {
  const last = ordered().findLast((message) => message.direction === 'out');
  if (!last || last.state === 'read' || last.id === toldRead) return;
  toldRead = last.id;
  const answer = await call('read', { body: { message_id: last.id } }).catch(() => ({}));
  if (answer.ok) return;
  await nextTry(10000);
  toldRead = '';
};
const unread = () => {
  const all = ordered();
  const seen = all.findIndex((message) => message.id === store.get('seen'));
  return all.slice(seen + 1).filter((message) => message.direction === 'out').length;
};
const drawBadge = () => {
  const count = unread();
  chat.badge.textContent = count > 9 ? '9+' : String(count);
  chat.badge.hidden = count === 0;
  chat.label();
};
