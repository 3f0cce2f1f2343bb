// Sending: in order, again after a failure, once however often it is tried: the
// server knows a message by its client_id.

const newID = () =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

const say = (text, { payload, files } = {}) => {
  const item = { client_id: newID(), text, at: Date.now(), ...(payload && { payload }), ...(files?.length && { files: files.length }) };
  if (files?.length) filesOf.set(item.client_id, files);
  keep(item);
  store.set('thread', true);
  // What the first message answered stays above it; the server offers it no more.
  const { opening } = chat.session().widget;
  if (opening) store.set('opening', opening.text);
  chat.adoptToken(chat.session().visitor_token);
  startListening();
  atEnd = true;
  draw();
  toEnd();
  flush();
};

const bodyOf = (item) => {
  const { client_id, text, payload } = item;
  const files = filesOf.get(client_id);
  if (!files) return { client_id, text, language: language(), ...(payload && { payload }) };
  const form = new FormData();
  form.append('client_id', client_id);
  form.append('text', text);
  form.append('language', language());
  for (const file of files) form.append('files', file, file.name);
  return form;
};

// deliver reports whether the next message may be tried.
const deliver = async (item) => {
  const answer = await call('messages', { body: bodyOf(item) });
  if (answer.ok) {
    const { message_id } = await answer.json();
    if (kept.has(item.client_id) || waiting().some((other) => other.client_id === item.client_id)) {
      forget(item.client_id);
      if (!messages.has(message_id)) {
        take({ id: message_id, direction: 'in', author: { kind: 'contact' }, text: item.text, attachments: [], created_at: new Date().toISOString(), client_id: item.client_id });
        if (item.files) listAll().catch(() => {});
      }
    }
    closed = false;
    return true;
  }
  if (answer.status === 429 || answer.status >= 500) {
    throw Object.assign(new Error(`send: ${answer.status}`), { after: Number(answer.headers.get('Retry-After')) });
  }
  const problem = await answer.json().catch(() => ({}));
  keep({ ...item, failed: problem.code ?? String(answer.status) });
  announce(texts().not_sent);
  return true;
};

let flushing = false;
let again = false;
const flush = async () => {
  if (flushing) {
    again = true;
    return;
  }
  flushing = true;
  const sendAll = async () => {
    for (let failures = 0; ; ) {
      const item = waiting().find((other) => !other.failed);
      if (!item) return;
      try {
        await deliver(item);
        failures = 0;
        draw();
      } catch (err) {
        failures++;
        draw();
        await nextTry(Math.max(err.after * 1000 || 0, Math.min(500 * 2 ** failures, 20000)));
      }
    }
  };
  do {
    again = false;
    await alone('send', sendAll);
  } while (again);
  flushing = false;
  draw();
};

const retry = (item) => {
  keep({ ...item, failed: undefined });
  draw();
  flush();
};
