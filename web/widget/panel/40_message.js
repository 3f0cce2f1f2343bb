// What a message looks like. Whatever others wrote is put in as text.

const when = (at) => new Intl.DateTimeFormat(language(), { hour: 'numeric', minute: '2-digit' }).format(new Date(at));
const DAY = 86400000;
const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
const capital = (text) => text.charAt(0).toLocaleUpperCase(language()) + text.slice(1);
const dayOf = (at) => {
  const ago = Math.round((midnight(at) - midnight(Date.now())) / DAY);
  if (ago === 0 || ago === -1) return capital(new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(ago, 'day'));
  return capital(new Intl.DateTimeFormat(language(), { weekday: 'long', day: 'numeric', month: 'long' }).format(new Date(at)));
};
const sizeOf = (bytes) =>
  new Intl.NumberFormat(language(), bytes < 1e6 ? { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 } : { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(
    Math.max(1, bytes / 1000) / (bytes < 1e6 ? 1 : 1000),
  );

const ADDRESS = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/g;
// breakable lets a long address go on in the next line after what parts it.
const breakable = (address) => address.split(/(?<=[^:/][/?&=#])(?=[^/?&=#])/).flatMap((part, i) => (i ? [el('wbr'), part] : part));
const linked = (text) => {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    parts.push(text.slice(at, match.index), el('a', { href: match[0], target: '_blank', rel: 'noopener noreferrer nofollow' }, ...breakable(match[0])));
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return parts;
};

const initials = (name) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join('');
// avatar is a face; who has no name but the chat's own words is a speech bubble.
const avatar = ({ name, avatar_url }) => {
  const face = el('span', { class: 'face', 'aria-hidden': 'true' }, name === texts().title ? icon(SPEECH) : initials(name));
  if (avatar_url) {
    const image = el('img', { src: avatar_url, alt: '', referrerpolicy: 'no-referrer', error: () => image.remove() });
    face.append(image);
  }
  return face;
};

const SHOWN = /^image\/(png|jpeg|gif|webp|avif)$/;
const fileOf = (message, attachment) => {
  const box = el('div', { class: 'file' });
  const fetched = async () => {
    const answer = await call(`messages/${message.id}/attachments/${attachment.id}`);
    if (!answer.ok) throw new Error(`file: ${answer.status}`);
    // The type is the one the server found, and only pictures are ever shown.
    return URL.createObjectURL(new Blob([await answer.blob()], { type: SHOWN.test(attachment.content_type) ? attachment.content_type : 'application/octet-stream' }));
  };
  const save = async () => {
    const href = await fetched();
    el('a', { href, download: attachment.name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10000);
  };
  const button = el(
    'button',
    { type: 'button', class: 'download', click: () => save().catch(() => announce(texts().not_loaded)) },
    icon('M12 4v11M7 11l5 5 5-5M5 20h14'),
    el('span', {}, attachment.name, el('small', {}, sizeOf(attachment.size))),
  );
  box.append(button);
  if (SHOWN.test(attachment.content_type)) {
    fetched()
      .then((src) => {
        const image = el('img', { src, alt: attachment.name, load: () => box.prepend(image) });
      })
      .catch(() => {}); // the button remains
  }
  return box;
};

// faceOf is the picture of who wrote, where the heading knows one.
const faceOf = (name) => avatar(chat.session().widget.heading.faces.find((face) => face.name === name) ?? { name });

// bubble draws a message that arrived or waits. One that goes on where its author
// stopped says only to screen readers who wrote it and when.
const bubble = ({ mine, name, text, time, goesOn, files = [], state, failed, onRetry }) => {
  const box = el('li', { class: `message ${mine ? 'mine' : 'theirs'}${goesOn ? ' goes-on' : ''}` });
  box.append(
    el(
      'span',
      { class: `by${goesOn ? ' unseen' : ''}` },
      el('span', { class: mine ? 'unseen' : '' }, mine ? texts().you : name),
      time ? el('time', { datetime: new Date(time).toISOString() }, when(time)) : null,
    ),
  );
  if (!mine && !goesOn) box.prepend(faceOf(name));
  if (text) box.append(el('p', { class: 'text', dir: 'auto' }, ...linked(text)));
  box.append(...files);
  if (state) box.append(el('span', { class: `state${failed ? ' failed' : ''}` }, state));
  if (onRetry) box.append(el('button', { type: 'button', class: 'retry', click: onRetry }, texts().retry));
  return box;
};
