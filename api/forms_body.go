package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"

	"github.com/gin-gonic/gin"

	"switchboard/channels/form"
	"switchboard/inbox"
	"switchboard/store"
)

const (
	// maxFile bounds one file; maxSubmission bounds them all.
	maxFile  = 5 << 20
	maxFiles = 10
	maxParts = 500
)

// clientID is what clients may name their submissions and messages.
var clientID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)

// readSubmission reads any of the contract's three kinds of body.
func readSubmission(c *gin.Context) (submission, error) {
	var in submission
	var err error
	switch c.ContentType() {
	case gin.MIMEJSON:
		in, err = readJSONSubmission(c)
	case gin.MIMEPOSTForm:
		in, err = readPost(c)
	case gin.MIMEMultipartPOSTForm:
		in, err = readMultipart(c.Request)
	default: // checkRequest lets nothing else through
		return in, inbox.Errorf(inbox.CodeUnsupportedType,
			"A form is submitted as application/json, application/x-www-form-urlencoded or multipart/form-data.")
	}
	if err != nil {
		return in, err
	}
	in.ID = cmp.Or(in.ID, store.NewID())
	return in, in.check()
}

func readJSONSubmission(c *gin.Context) (submission, error) {
	body, err := decode[struct {
		Fields       map[string]json.RawMessage `json:"fields"`
		VisitorToken string                     `json:"visitor_token"`
		PageURL      string                     `json:"page_url"`
		SubmissionID string                     `json:"submission_id"`
	}](c)
	if err != nil {
		return submission{}, err
	}
	values, err := form.FromJSON(body.Fields)
	return submission{
		Answers: form.Answers{Values: values, VisitorToken: body.VisitorToken, PageURL: body.PageURL},
		ID:      body.SubmissionID,
	}, err
}

func readPost(c *gin.Context) (submission, error) {
	raw, err := readBody(c)
	if err != nil {
		return submission{}, err
	}
	post, err := url.ParseQuery(string(raw))
	if err != nil {
		return submission{}, inbox.Invalid("body", "The body is not urlencoded.")
	}
	return fromPost(post, nil), nil
}

func fromPost(post url.Values, files []form.File) submission {
	answers, id := form.FromPost(post)
	answers.Files = files
	return submission{Answers: answers, ID: id}
}

// readMultipart keeps everything in memory, which maxSubmission bounds.
func readMultipart(r *http.Request) (submission, error) {
	reader, err := r.MultipartReader()
	if err != nil {
		return submission{}, inbox.Invalid("body", "The body is not multipart/form-data.")
	}
	post, files := url.Values{}, []form.File(nil)
	for range maxParts {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return fromPost(post, files), nil
		}
		if err != nil {
			return submission{}, brokenBody(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return submission{}, brokenBody(err)
		}
		switch {
		case !isFile(part):
			post.Add(part.FormName(), string(data))
		case len(data) > maxFile:
			return submission{}, inbox.Errorf(inbox.CodeTooLarge, "A file is larger than %d bytes.", maxFile)
		case len(files) == maxFiles:
			return submission{}, form.TooManyFiles(part.FormName(), maxFiles)
		case part.FileName() != "":
			files = append(files, form.File{Field: part.FormName(), Name: part.FileName(), Data: data})
		}
	}
	return submission{}, inbox.Invalid("body", "The body has more than %d parts.", maxParts)
}

// isFile reports whether a part answers a file field; browsers send one without
// a name when no file was chosen.
func isFile(part *multipart.Part) bool {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	_, named := params["filename"]
	return err == nil && named
}

func brokenBody(err error) error {
	return unread(err, inbox.Invalid("body", "The body is not complete multipart/form-data."))
}
