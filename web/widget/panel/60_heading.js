// The heading: who answers (C3), whether somebody is there (C6 to C8), and the tools.

const company = () => chat.session().widget.heading.title;
const faces = el('div', { class: 'faces' });
const title = el('h2', { id: 'title' });
const names = el('p', { class: 'names' });
const presence = el('p', { class: 'presence', id: 'presence' });
const button = (paths, click) => el('button', { type: 'button', class: 'tool', click }, icon(...paths));
const copyButton = button(['M3 6h18v12H3z', 'M3 7l9 7 9-7'], () => askCopy(copy.hidden));
const [WAVES, CROSS] = ['M16.5 8.5a5 5 0 0 1 0 7', 'M16 9l6 6M22 9l-6 6'];
const soundButton = button(['M4 9v6h4l5 4V5L8 9z', WAVES], () => setSound(!soundOn()));
const closeButton = button(['M6 6l12 12M18 6L6 18'], () => close());
const header = el('div', { class: 'head' }, faces, el('div', { class: 'who' }, title, names, presence), el('div', { class: 'tools' }, copyButton, soundButton, closeButton));

const drawTools = () => {
  const words = texts();
  soundButton.setAttribute('aria-label', words.sound);
  soundButton.setAttribute('aria-pressed', String(soundOn()));
  soundButton.title = words.sound;
  soundButton.querySelector('path:last-child').setAttribute('d', soundOn() ? WAVES : CROSS);
  closeButton.setAttribute('aria-label', words.close);
  closeButton.title = words.close;
};

const wordHeading = () => {
  const { widget } = chat.session();
  title.textContent = widget.heading.title;
  const people = widget.heading.faces.map(({ name }) => name).filter((name) => name !== widget.heading.title);
  names.textContent = new Intl.ListFormat(widget.language, { type: 'unit' }).format(people);
  const shown = JSON.stringify(widget.heading.faces);
  if (faces.dataset.shown !== shown) {
    faces.dataset.shown = shown;
    faces.replaceChildren(...widget.heading.faces.map(avatar));
  }
  presence.dataset.state = widget.state;
  presence.textContent = widget.returns_at
    ? texts().returns_at.replace('{time}', new Intl.DateTimeFormat(widget.language, { weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' }).format(new Date(widget.returns_at)))
    : widget.text;
  drawTools();
};
