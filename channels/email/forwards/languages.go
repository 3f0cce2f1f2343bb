package forwards

import "strings"

// language is what mail programs write around a forwarded message in one
// language. Alternatives are separated by "|"; case does not matter.
type language struct {
	// The labels of the header block.
	from, date, subject, to, others string
	// forwarded stands between dashes above the block and only above forwarded
	// messages; begins stands there without dashes, with a colon. original stands
	// between dashes above answered messages too.
	forwarded, begins, original string
	// forward and reply are what subjects begin with.
	forward, reply string
	// wrote is the verb of the line above a quoted message.
	wrote string
	// attribution is the line with which Outlook for Mac 2019 forwards.
	attribution string
	// months are the beginnings of the months' names, in order.
	months string
}

var languages = []*language{
	{ // English
		from: "From", date: "Date|Sent", subject: "Subject", to: "To", others: "Cc|Bcc|Reply-To",
		forwarded: "Forwarded message", begins: "Begin forwarded message|Forwarded message", original: "Original message",
		forward: "Fwd|Fw", reply: "Re", wrote: "wrote",
		attribution: "On {date}, {sender} wrote:",
		months:      "jan feb mar apr may jun jul aug sep oct nov dec",
	},
	{ // German
		from: "Von", date: "Datum|Gesendet|Gesendet am", subject: "Betreff", to: "An", others: "Kopie|Kopie (CC)|Antwort an",
		forwarded: "Weitergeleitete Nachricht", begins: "Anfang der weitergeleiteten Nachricht|Anfang der weitergeleiteten E-Mail",
		original: "Ursprüngliche Nachricht|Originalnachricht|Original-Nachricht",
		forward:  "WG", reply: "AW|Antw|Antwort", wrote: "schrieb",
		attribution: "Am {date} schrieb {sender}:",
		months:      "jan feb mär|mar apr mai jun jul aug sep okt nov dez",
	},
	{ // French
		from: "De|Expéditeur", date: "Date|Envoyé|Envoyé le", subject: "Objet|Sujet", to: "À|A|Pour", others: "Copie|Copie à|Répondre à",
		forwarded: "Message transféré|Message transmis", begins: "Début du message réexpédié|Début du message transféré",
		original: "Message d'origine|Message d’origine|Message original|Message initial",
		forward:  "TR", reply: "RE|Rép", wrote: "a écrit",
		attribution: "Le {date}, {sender} a écrit :",
		months:      "janv févr|fev mars avr mai juin juil août|aout sept oct nov déc|dec",
	},
	{ // Spanish
		from: "De", date: "Fecha|Enviado|Enviado el", subject: "Asunto", to: "Para|A", others: "Responder a",
		forwarded: "Mensaje reenviado", begins: "Inicio del mensaje reenviado", original: "Mensaje original",
		forward: "RV|Reenv", reply: "RE|Resp", wrote: "escribió",
		attribution: "El {date}, {sender} escribió:",
		months:      "ene feb mar abr may jun jul ago sep|set oct nov dic",
	},
	{ // Italian
		from: "Da|Mittente", date: "Data|Inviato", subject: "Oggetto", to: "A|Destinatario", others: "Rispondi a",
		forwarded: "Messaggio inoltrato", begins: "Inizio messaggio inoltrato|Inizio del messaggio inoltrato",
		original: "Messaggio originale",
		forward:  "I", reply: "R|Rif", wrote: "ha scritto",
		attribution: "Il {date}, {sender} ha scritto:",
		months:      "gen feb mar apr mag giu lug ago set ott nov dic",
	},
	{ // Portuguese
		from: "De", date: "Data|Enviado|Enviada em|Enviado em", subject: "Assunto", to: "Para", others: "Responder a|Responder para",
		forwarded: "Mensagem encaminhada|Mensagem reencaminhada",
		begins:    "Início da mensagem encaminhada|Início da mensagem reencaminhada", original: "Mensagem original",
		forward: "ENC", reply: "RES", wrote: "escreveu",
		attribution: "Em {date}, {sender} escreveu:",
		months:      "jan fev mar abr mai jun jul ago set out nov dez",
	},
	{ // Dutch
		from: "Van", date: "Datum|Verzonden", subject: "Onderwerp", to: "Aan", others: "Kopie|Antwoord aan",
		forwarded: "Doorgestuurd bericht", begins: "Begin doorgestuurd bericht", original: "Oorspronkelijk bericht|Origineel bericht",
		forward: "Doorst", reply: "Antw|Betr", wrote: "schreef|geschreven",
		attribution: "Op {date} heeft {sender} geschreven:",
		months:      "jan feb mrt|maart apr mei jun jul aug sep okt nov dec",
	},
	{ // Danish
		from: "Fra", date: "Dato|Sendt", subject: "Emne", to: "Til", others: "Kopi|Svar til",
		forwarded: "Videresendt meddelelse|Videresendt besked", begins: "Videresendt meddelelse|Start på videresendt besked",
		original: "Oprindelig meddelelse|Original meddelelse",
		forward:  "VS", reply: "SV", wrote: "skrev",
		months: "jan feb mar apr maj jun jul aug sep okt nov dec",
	},
	{ // Norwegian
		from: "Fra", date: "Dato|Sendt", subject: "Emne", to: "Til", others: "Kopi|Svar til",
		forwarded: "Videresendt melding", begins: "Videresendt melding", original: "Opprinnelig melding|Original melding",
		forward: "VS", reply: "SV", wrote: "skrev",
		months: "jan feb mar apr mai jun jul aug sep okt nov des",
	},
	{ // Swedish
		from: "Från", date: "Datum|Skickat", subject: "Ämne", to: "Till", others: "Kopia|Svara till|Svar till",
		forwarded: "Vidarebefordrat meddelande", begins: "Vidarebefordrat mejl|Vidarebefordrat brev",
		original: "Ursprungligt meddelande|Originalmeddelande",
		forward:  "VB", reply: "SV", wrote: "skrev",
		months: "jan feb mar apr maj jun jul aug sep okt nov dec",
	},
	{ // Finnish
		from: "Lähettäjä", date: "Päivämäärä|Päiväys|Lähetetty", subject: "Aihe", to: "Vastaanottaja", others: "Kopio|Vastausosoite",
		forwarded: "Välitetty viesti|Välitetty viesti / Fwd.Msg", begins: "Välitetty viesti alkaa", original: "Alkuperäinen viesti",
		forward: "VL", reply: "VS", wrote: "kirjoitti",
		attribution: "{sender} kirjoitti {date}:",
		months:      "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
	},
	{ // Estonian
		from: "Saatja", date: "Kuupäev|Saadetud", subject: "Teema", to: "Saaja|Adressaat", others: "Koopia",
		forwarded: "Edastatud kiri|Edastatud sõnum", original: "Algne kiri|Algne sõnum", wrote: "kirjutas",
		months: "jaan veeb märts apr mai juuni juuli aug sept okt nov dets",
	},
	{ // Czech
		from: "Od", date: "Datum|Odesláno", subject: "Předmět", to: "Komu", others: "Kopie|Odpověď komu",
		forwarded: "Přeposlaná zpráva", begins: "Začátek přeposílané zprávy", original: "Původní zpráva",
		wrote: "napsal|napsal(a)|napsala", attribution: "Dne {date}, {sender} napsal(a):",
		months: "led únor břez dub květ|kvě červen|června|čvn červenec|července|čvc srp září říj listop|lis pros|pro",
	},
	{ // Slovak
		from: "Od", date: "Dátum|Odoslané", subject: "Predmet", to: "Komu|Pre", others: "Kópia|Odpoveď",
		forwarded: "Preposlaná správa|Preposlaná správa --- Forwarded message", begins: "Začiatok preposlanej správy",
		original: "Pôvodná správa",
		wrote:    "napísal|napísal(a)|napísala",
		months:   "jan feb mar apr máj jún júl aug sep okt nov dec",
	},
	{ // Polish
		from: "Od", date: "Data|Wysłano|Wysłane", subject: "Temat", to: "Do", others: "DW|UDW|Kopia|Odpowiedź do",
		forwarded: "Wiadomość przesłana dalej|Wiadomość przekazana|Przekazana wiadomość|Treść przekazanej wiadomości",
		begins:    "Początek przekazywanej wiadomości", original: "Wiadomość oryginalna|Oryginalna wiadomość",
		forward: "PD", reply: "Odp", wrote: "napisał|napisał(a)|napisała|pisze",
		attribution: "Dnia {date} użytkownik {sender} napisał:",
		months:      "sty lut mar kwi maj cze lip sie wrz paź lis gru",
	},
	{ // Croatian
		from: "Šalje|Od", date: "Datum|Poslano", subject: "Naslov|Predmet", to: "Prima|Za", others: "Kopija",
		forwarded: "Proslijeđena poruka", original: "Izvorna poruka|Originalna poruka", wrote: "napisao|napisala|napisao/la",
		months: "sij velj ožu tra svi lip srp kol ruj lis stu pro",
	},
	{ // Hungarian
		from: "Feladó", date: "Dátum|Elküldve", subject: "Tárgy", to: "Címzett", others: "Másolatot kap|Másolat|Válaszcím",
		forwarded: "Továbbított üzenet|Továbbított levél", begins: "Továbbított levél kezdete", original: "Eredeti üzenet",
		forward: "TOV|Továbbítás", reply: "Vá|Válasz", wrote: "írta",
		attribution: "{date} időpontban {sender} ezt írta:",
		months:      "jan feb már ápr máj jún júl aug szept okt nov dec",
	},
	{ // Romanian
		from: "De la", date: "Dată|Data|Trimis", subject: "Subiect", to: "Către", others: "Răspuns la",
		forwarded: "Mesaj redirecționat|Mesaj redirecţionat", original: "Mesaj original|Mesajul original",
		forward: "Redir", reply: "Răsp", wrote: "a scris",
		months: "ian feb mar apr mai iun iul aug sep oct noi dec",
	},
	{ // Turkish
		from: "Kimden|Gönderen", date: "Tarih|Gönderilen|Gönderildi|Gönderim tarihi", subject: "Konu", to: "Kime|Alıcı", others: "Bilgi|Kopya",
		forwarded: "İletilmiş Mesaj|İletilen İleti|İletilen Mesaj|Yönlendirilen Mesaj", begins: "İletilen e-posta",
		original: "Özgün İleti|Orijinal Mesaj",
		forward:  "İLT", reply: "YNT", wrote: "yazdı",
		attribution: "{sender}, {date} tarihinde şunu yazdı:",
		months:      "oca şub mar nis may haz tem ağu eyl eki kas ara",
	},
	{ // Greek
		from: "Από", date: "Ημερομηνία|Στάλθηκε", subject: "Θέμα", to: "Προς", others: "Κοιν.|Κοινοποίηση",
		forwarded: "Προωθημένο μήνυμα", begins: "Έναρξη προωθημένου μηνύματος", original: "Αρχικό μήνυμα",
		forward: "ΠΡΘ", reply: "ΑΠ", wrote: "έγραψε",
	},
	{ // Russian
		from: "От|От кого|Отправитель", date: "Дата|Отправлено", subject: "Тема", to: "Кому", others: "Копия|Ответить",
		forwarded: "Пересылаемое сообщение|Пересланное сообщение|Перенаправленное сообщение",
		begins:    "Начало переадресованного сообщения", original: "Исходное сообщение|Оригинальное сообщение",
		wrote:       "написал|написал(а)|написала|пишет",
		attribution: "{date} пользователь {sender} написал:",
		months:      "янв фев мар апр мая|май июн июл авг сен окт ноя дек",
	},
	{ // Ukrainian
		from: "Від|Від кого|Відправник", date: "Дата|Надіслано|Відправлено", subject: "Тема", to: "Кому", others: "Копія",
		forwarded: "Переслане повідомлення", begins: "Початок листа, що пересилається", original: "Вихідне повідомлення|Оригінальне повідомлення",
		wrote:  "написав|написав(ла)|написала|пише",
		months: "січ лют бер квіт трав черв лип серп вер жовт лист груд",
	},
	{ // Japanese
		from: "差出人|送信者|送信元", date: "日付|日時|送信日時", subject: "件名", to: "宛先|送信先", others: "返信先",
		forwarded: "転送されたメッセージ|転送メッセージ|メッセージを転送", begins: "転送されたメッセージ|以下は転送されたメッセージです", original: "元のメッセージ",
		forward: "転送", reply: "返信",
	},
	{ // Chinese
		from: "发件人|寄件者|寄件人", date: "日期|发送时间|发送日期|寄件日期|時間", subject: "主题|主旨|主題", to: "收件人|收件者", others: "抄送|副本",
		forwarded: "转发的邮件|转发邮件信息|轉寄郵件", begins: "下面是被转发的邮件|開始轉寄郵件", original: "原始邮件|邮件原件|原始郵件",
		forward: "转发|轉寄|轉發", reply: "回复|答复|回覆|答覆", wrote: "写道|寫道",
	},
	{ // Korean
		from: "보낸 사람|보낸사람", date: "날짜|보낸 날짜|보낸날짜", subject: "제목", to: "받는 사람|받는사람", others: "참조",
		forwarded: "전달된 메시지", begins: "전달된 메시지", original: "원본 메시지",
		forward: "전달", reply: "회신|답장",
	},
}

// field is what a label of the header block names.
type field int

const (
	fieldFrom field = iota + 1
	fieldDate
	fieldSubject
	fieldTo
	// fieldOther is known to belong to the block, and not needed.
	fieldOther
)

// vocabulary is the table above, turned round. Everything in it is folded.
var vocabulary = func() (v struct {
	labels map[string]field
	// written tells in which languages a label is.
	written                     map[string][]*language
	forwarded, begins, original map[string]bool
	wrote                       []string
}) {
	v.labels, v.written = map[string]field{}, map[string][]*language{}
	v.forwarded, v.begins, v.original = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, l := range languages {
		add(v.labels, fieldFrom, l.from)
		add(v.labels, fieldDate, l.date)
		add(v.labels, fieldSubject, l.subject)
		add(v.labels, fieldTo, l.to)
		add(v.labels, fieldOther, l.others)
		add(v.forwarded, true, l.forwarded)
		add(v.begins, true, l.begins)
		add(v.original, true, l.original)
		for _, labels := range []string{l.from, l.date, l.subject, l.to, l.others} {
			for _, label := range alternatives(labels) {
				v.written[label] = append(v.written[label], l)
			}
		}
		v.wrote = append(v.wrote, alternatives(l.wrote)...)
	}
	return v
}()

func add[V any](to map[string]V, value V, words string) {
	for _, word := range alternatives(words) {
		to[word] = value
	}
}

func alternatives(words string) []string {
	if words == "" {
		return nil
	}
	return strings.Split(fold(words), "|")
}

// fold makes words comparable whatever their case.
func fold(s string) string { return strings.ToLower(s) }
