// Who the visitor is, and the token that says so. Identifying answers another token,
// because somebody else may know the one before; the other pages follow.

// identify waits for other pages that do the same: of two tokens one would not work.
const identify = (who) => alone('identify', () => identifyNow(who).finally(() => store.set('identifying', null)));
const identifyNow = async ({ email, name, hash, user_id }) => {
  store.set('identifying', Date.now()); // who finds the token replaced waits for the next
  const answer = await call('identify', { body: { ...(email && { email }), ...(name && { name }), ...(hash && { hash }), ...(user_id && { user_id }) } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(`identify: ${answer.status}`), said);
  store.set('identified', true);
  // While other pages identify without waiting, only the last token opens the thread:
  // whose does not leaves it to that page's. Used, the new one ends the one before.
  const used = await chat.ask('messages?limit=1', { headers: { Authorization: `Visitor ${said.visitor_token}` } }).catch(() => ({}));
  if (used.status === 401) return;
  // What somebody else left here is neither shown nor sent.
  if (said.new_visitor) for (const { client_id } of waiting()) forget(client_id);
  tell({ token: said.visitor_token, another: said.new_visitor });
  await chat.refresh().catch(() => {});
  draw();
};

// moved goes on with another token: of the same thread, or of another.
const moved = (another) => {
  if (another) {
    visit++;
    messages.clear();
    lastEvent = null;
    loaded = closed = false;
    stopsTyping();
    if (listening) listAll().catch(() => {});
  }
  restart?.();
};
