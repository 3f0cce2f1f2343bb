// An address to answer to, asked of a visitor whom nobody will answer now, who can change
// it. Where only the website says who visitors are, it is one more message, which makes
// nobody known.

const emailBox = el('input', { type: 'email', id: 'email', autocomplete: 'email', required: true, maxlength: 254, 'aria-describedby': 'email-problem' });
const emailProblem = el('p', { class: 'problem', id: 'email-problem', role: 'alert' });
const emailLabel = el('label', { for: 'email' });
const emailSend = el('button', { type: 'submit', class: 'primary' });
const ask = el('form', { class: 'ask', hidden: true, novalidate: true, submit: (event) => sendEmail(event), keydown: (event) => onEmailKey(event) }, emailLabel, el('div', { class: 'row' }, emailBox, emailSend), emailProblem);
const answersTo = el('span', { id: 'answers-to' });
const changeButton = el('button', { type: 'button', class: 'change', 'aria-describedby': 'answers-to', click: () => changeEmail() });
const given = el('p', { class: 'ask given', hidden: true }, answersTo, changeButton);

// leftEmail is the address that the visitor left; one that the website gave is not his
// to change.
const leftEmail = () => {
  const left = store.get('identified');
  return typeof left === 'string' ? left : '';
};
let changing = false;
const changeEmail = () => {
  changing = true;
  emailBox.value = leftEmail();
  drawAsk();
  emailBox.select();
};
const onEmailKey = (event) => {
  if (event.key !== 'Escape' || !changing) return;
  event.stopPropagation();
  doneWithEmail();
  changeButton.focus();
};
const doneWithEmail = () => {
  changing = false;
  emailProblem.textContent = '';
  emailBox.removeAttribute('aria-invalid');
  draw();
};
const sendEmail = async (event) => {
  event.preventDefault();
  emailProblem.textContent = '';
  try {
    if (!emailBox.checkValidity()) throw Object.assign(new Error('not an address'), { code: 'invalid' });
    const email = emailBox.value.trim();
    if (email !== leftEmail()) {
      if (chat.session().widget.verify_identity) say(email);
      else await identify({ email });
      store.set('identified', email);
    }
    doneWithEmail();
    announce(answersTo.textContent);
    box.focus();
  } catch (err) {
    emailProblem.textContent = err.code === 'invalid' ? texts().email_wrong : texts().not_sent;
    emailBox.setAttribute('aria-invalid', 'true');
    emailBox.focus();
  }
};

const drawAsk = () => {
  const { widget } = chat.session();
  const said = messages.size > 0 || waiting().length > 0;
  const asks = said && widget.state !== 'open' && !(widget.verify_identity && replies.firstChild);
  const email = leftEmail();
  if (!asks) changing = false;
  ask.hidden = !asks || (!changing && !!store.get('identified'));
  given.hidden = !asks || changing || !email;
  const [before, after] = texts().identified.split('{email}');
  answersTo.replaceChildren(before, el('bdi', {}, email), after);
};
const wordAsk = () => {
  const words = texts();
  emailLabel.textContent = words.identify;
  emailBox.placeholder = words.email;
  emailSend.textContent = words.save;
  changeButton.textContent = words.change;
};
