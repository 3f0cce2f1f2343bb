package mail

// Queue is the task queue of everything that leaves by SMTP.
const Queue = "switchboard-mail"
