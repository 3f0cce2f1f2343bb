// An address to answer to, asked of a visitor whom nobody will answer now. Where only
// the website says who visitors are, it is one more message, which makes nobody known.

const emailBox = el('input', { type: 'email', id: 'email', autocomplete: 'email', required: true, maxlength: 254, 'aria-describedby': 'email-problem' });
const emailProblem = el('p', { class: 'problem', id: 'email-problem', role: 'alert' });
const emailLabel = el('label', { for: 'email' });
const emailSend = el('button', { type: 'submit', class: 'primary' });
const ask = el('form', { class: 'ask', hidden: true, novalidate: true, submit: (event) => sendEmail(event) }, emailLabel, el('div', { class: 'row' }, emailBox, emailSend), emailProblem);

let thanked = false; // for an address that was left on this page, until more is said
const sendEmail = async (event) => {
  event.preventDefault();
  emailProblem.textContent = '';
  emailBox.removeAttribute('aria-invalid');
  try {
    if (!emailBox.checkValidity()) throw new Error('not an address');
    const email = emailBox.value.trim();
    if (!chat.session().widget.verify_identity) await identify({ email });
    else {
      store.set('identified', true);
      say(email);
    }
    thanked = true;
    draw();
    announce(texts().identified);
    box.focus();
  } catch (err) {
    emailProblem.textContent = err.code === 'invalid' || !err.code ? texts().email_wrong : texts().not_sent;
    emailBox.setAttribute('aria-invalid', 'true');
    emailBox.focus();
  }
};

const drawAsk = () => {
  const { widget } = chat.session();
  const said = messages.size > 0 || waiting().length > 0;
  ask.hidden = !(said && widget.state !== 'open' && !store.get('identified') && !(widget.verify_identity && replies.firstChild));
};
const wordAsk = () => {
  const words = texts();
  emailLabel.textContent = words.identify;
  emailBox.placeholder = words.email;
  emailSend.textContent = words.save;
};
