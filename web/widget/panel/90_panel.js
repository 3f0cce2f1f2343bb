// The panel: its parts put together, opened, closed and kept up to date.

adopt(CSS);
let isOpen = false;

const network = el('p', { class: 'network late', role: 'status', hidden: true });

const panel = el(
  'section',
  { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', 'aria-describedby': 'presence', hidden: true, dragover: (event) => event.preventDefault(), drop: (event) => onDrop(event) },
  header, copy, copied, log, network, given, ask, compose,
);
chat.frame.append(panel, news);

const small = matchMedia('(max-width: 480px)');
chat.frame.addEventListener('keydown', (event) => {
  if (!isOpen) return;
  if (event.key === 'Escape') {
    event.stopPropagation();
    close();
  }
  // On a phone the panel covers the page: the keyboard stays in it.
  if (event.key !== 'Tab' || !small.matches) return;
  const stops = [...panel.querySelectorAll('button, input:not([tabindex]), textarea, a[href], [tabindex="0"]')].filter((stop) => stop.offsetParent);
  const [first, last] = [stops[0], stops[stops.length - 1]];
  if (event.shiftKey ? chat.root.activeElement === first : chat.root.activeElement === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
});

// A keyboard on the screen hides a part of the page that only the visual viewport
// knows of; who enlarges the page with two fingers moves it, and not the chat.
const fit = () => {
  const { offsetTop, height, scale } = visualViewport;
  const { style } = chat.frame;
  if (scale > 1.01) return ['--top', '--height'].forEach((name) => style.removeProperty(name));
  style.setProperty('--top', `${offsetTop}px`);
  style.setProperty('--height', `${height}px`);
};
if (window.visualViewport) for (const event of ['resize', 'scroll']) visualViewport.addEventListener(event, fit);

// One chat fits into a corner, and on a phone one at all.
const closeOthers = () => {
  for (const { dataset } of document.querySelectorAll('switchboard-chat')) {
    if (dataset.channel !== chat.channel && (small.matches || dataset.side === chat.host.dataset.side)) window.Switchboard.chat(dataset.channel).close();
  }
};

// show is called whenever the session was read again.
const show = () => {
  wordHeading();
  wordLog();
  wordAsk();
  wordCopy();
  wordCompose();
  draw();
};

// draw is called whenever anything changed.
const draw = () => {
  drawLog();
  drawReplies();
  drawAsk();
  panel.classList.toggle('fresh', messages.size + waiting().length === 0);
  drawCopy();
  network.hidden = connected || !listening;
  if (!network.hidden) network.textContent = navigator.onLine ? texts().reconnecting : texts().offline;
  if (seeing() && loaded && messages.size) {
    markRead(ordered().at(-1).id);
    tellRead();
  }
  drawBadge();
};

const open = (focus = true) => {
  closeOthers();
  isOpen = true;
  panel.hidden = false;
  panel.append(news); // where a chat that covers the page is all there is
  chat.frame.classList.add('open');
  panel.toggleAttribute('aria-modal', false);
  if (small.matches) panel.setAttribute('aria-modal', 'true');
  store.set('open', true);
  chat.adoptToken(chat.session().visitor_token);
  startListening();
  chat.label();
  chat.refresh().catch(() => {});
  draw();
  atEnd = true;
  toEnd();
  if (focus) box.focus();
};
const close = () => {
  const focused = panel.contains(chat.root.activeElement);
  isOpen = false;
  panel.hidden = true;
  chat.frame.append(news);
  chat.frame.classList.remove('open');
  store.set('open', false);
  chat.host.hidden = chat.session().widget.hidden;
  chat.label();
  if (focused) chat.launcher.focus();
};

addEventListener('online', () => draw());
addEventListener('offline', () => draw());
document.addEventListener('visibilitychange', () => draw());
addEventListener('storage', ({ key, newValue }) => {
  if (key === store.named('token') && newValue && JSON.parse(newValue) !== chat.session().visitor_token) chat.adoptToken(JSON.parse(newValue));
  if (key === store.named('seen') || key === store.named('identified') || key?.startsWith(store.named(OUT))) draw();
});

show();
if (store.get('thread')) {
  startListening();
  flush();
}
return { open, close, show, identify, moved, isOpen: () => isOpen };

