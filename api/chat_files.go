package api

import (
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"switchboard/api/contract"
	"switchboard/channels"
	"switchboard/channels/chat"
	"switchboard/inbox"
	"switchboard/store"
)

// maxChatText is the contract's, in characters, for what is not JSON.
const maxChatText = 20_000

// readChatMessage reads what a visitor says, with files or without. A file is
// what its content is, whatever the visitor calls it.
func readChatMessage(c *gin.Context) (contract.ChatMessageCreate, []store.File, error) {
	if c.ContentType() != gin.MIMEMultipartPOSTForm {
		in, err := decode[contract.ChatMessageCreate](c)
		return in, nil, err
	}
	posted, err := readMultipart(c.Request)
	if err != nil {
		return contract.ChatMessageCreate{}, nil, err
	}
	in := contract.ChatMessageCreate{
		Text: strings.Join(posted.Values["text"], "\n"), ClientID: strings.Join(posted.Values["client_id"], ""),
	}
	switch {
	case !clientID.MatchString(in.ClientID):
		return in, nil, inbox.Invalid("client_id", "A client id is 1 to 100 letters, digits, '.', '_', ':' or '-'.")
	case utf8.RuneCountInString(in.Text) > maxChatText:
		return in, nil, inbox.Invalid("text", "A message has at most %d characters.", maxChatText)
	case strings.ContainsRune(in.Text, 0):
		return in, nil, inbox.Invalid("text", "A text must not contain NUL.")
	}
	if language := strings.Join(posted.Values["language"], ""); language != "" {
		if !chat.HasLanguage(language) {
			return in, nil, inbox.Invalid("language", "The widget speaks %s.", strings.Join(chat.Languages(), ", "))
		}
		in.Language = new(contract.ChatLanguage(language))
	}
	var files []store.File
	for _, file := range posted.Files {
		name := channels.CleanFileName(file.Name)
		if name == "" {
			return in, nil, inbox.Invalid("files", "A file needs a name.")
		}
		files = append(files, store.File{Name: name, ContentType: channels.ContentType("", file.Data), Data: file.Data})
	}
	return in, files, nil
}
