// Package remote fetches the files of contacts from where their providers keep
// them. The addresses come from outside: what they lead to is bounded in size and
// time, and is never on our own network.
package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"switchboard/channels"
	"switchboard/inbox"
)

const (
	// maxBytes is the largest file that Messenger carries ("Send API: attachments",
	// 25 MB); WhatsApp's are smaller.
	maxBytes = 25 << 20
	// timeout bounds one file, redirects included.
	timeout = time.Minute
	// maxRedirects is more than any provider's storage needs.
	maxRedirects = 5
)

// Fetcher fetches files. The zero value is not one: use New.
type Fetcher struct {
	client   *http.Client
	maxBytes int64
}

// Option changes a Fetcher.
type Option func(*Fetcher)

// MaxBytes sets how large a file may be.
func MaxBytes(n int64) Option { return func(f *Fetcher) { f.maxBytes = n } }

// Timeout sets how long one file may take.
func Timeout(d time.Duration) Option { return func(f *Fetcher) { f.client.Timeout = d } }

// New returns a Fetcher that reaches public addresses only, and besides the hosts
// of the trusted bases, such as "http://127.0.0.1:4000/v26.0", wherever they are:
// the configured address of a provider's API. It uses no proxy, since a proxy
// would look names up out of our sight.
func New(trusted []string, options ...Option) *Fetcher {
	f := &Fetcher{
		client: &http.Client{
			Timeout:       timeout,
			CheckRedirect: checkRedirect,
			Transport: &http.Transport{
				DialContext:           guard(trusted).dial,
				TLSHandshakeTimeout:   10 * time.Second,
				ResponseHeaderTimeout: 30 * time.Second,
				MaxIdleConnsPerHost:   4,
				IdleConnTimeout:       time.Minute,
				ForceAttemptHTTP2:     true,
			},
		},
		maxBytes: maxBytes,
	}
	for _, option := range options {
		option(f)
	}
	return f
}

// Fetch returns the file, typed by its content and named as the provider says.
// authorize adds a login to the request and may be nil; it is not carried over to
// another host. Errors are *channels.SendError: Final with file_too_large,
// file_unavailable or file_refused, all others Retry.
func (f *Fetcher) Fetch(ctx context.Context, file inbox.RemoteFile, authorize func(*http.Request)) (channels.File, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, http.NoBody)
	if err != nil {
		return channels.File{}, refused(err)
	}
	if err := checkURL(request.URL); err != nil {
		return channels.File{}, refused(err)
	}
	if authorize != nil {
		authorize(request)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return channels.File{}, unanswered(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return channels.File{}, answered(response)
	}
	if response.ContentLength > f.maxBytes {
		return channels.File{}, f.tooLarge()
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, f.maxBytes+1))
	switch {
	case err != nil:
		return channels.File{}, unanswered(err)
	case int64(len(data)) > f.maxBytes:
		return channels.File{}, f.tooLarge()
	}
	contentType := typeOf(response.Header.Get("Content-Type"), file.ContentType, data)
	return channels.File{Name: nameOf(file, response, contentType), ContentType: contentType, Data: data}, nil
}

// typeOf believes the storage, then the provider, as far as the content agrees.
func typeOf(header, declared string, data []byte) string {
	if mediaType, _, err := mime.ParseMediaType(header); err == nil {
		declared = mediaType
	}
	return channels.ContentType(declared, data)
}

// nameOf is the file's name, from the provider, its storage or the address, with
// an ending by which a computer opens it.
func nameOf(file inbox.RemoteFile, response *http.Response, contentType string) string {
	_, disposition, _ := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
	asked, err := url.Parse(file.URL)
	if err != nil {
		asked = &url.URL{}
	}
	name := cmp.Or(channels.CleanFileName(cmp.Or(file.Name, disposition["filename"], asked.Path)), "file")
	if path.Ext(name) == "" {
		if known := mimetype.Lookup(contentType); known != nil {
			name += known.Extension()
		}
	}
	return name
}

func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("not an http or https address")
	}
	return nil
}

// errRedirect is a redirect that is not followed.
var errRedirect = errors.New("redirect is not followed")

func checkRedirect(next *http.Request, via []*http.Request) error {
	if err := checkURL(next.URL); err != nil {
		return fmt.Errorf("%w: %w", errRedirect, err)
	}
	if next.URL.Scheme == "http" && via[0].URL.Scheme == "https" {
		return fmt.Errorf("%w: from https to http", errRedirect)
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: too many", errRedirect)
	}
	return nil
}

// unanswered is a try that got no whole answer.
func unanswered(err error) *channels.SendError {
	if errors.Is(err, errPrivate) || errors.Is(err, errRedirect) {
		return refused(err)
	}
	return &channels.SendError{Code: inbox.CodeFileUnavailable, Outcome: channels.Retry, Err: withoutURL(err)}
}

// answered is an answer that is not the file.
func answered(response *http.Response) *channels.SendError {
	failure := &channels.SendError{
		Code: inbox.CodeFileUnavailable, Outcome: channels.Final, Err: errors.New("the storage answered " + response.Status),
	}
	switch status := response.StatusCode; {
	// A login may be repaired.
	case status == http.StatusUnauthorized, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests,
		status >= http.StatusInternalServerError:
		failure.Outcome = channels.Retry
		failure.RetryAfter = channels.RetryAfter(response.Header, time.Now())
	}
	return failure
}

func (f *Fetcher) tooLarge() *channels.SendError {
	return &channels.SendError{Code: inbox.CodeFileTooLarge, Outcome: channels.Final,
		Err: errors.New("larger than " + strconv.FormatInt(f.maxBytes, 10) + " bytes")}
}

func refused(err error) *channels.SendError {
	return &channels.SendError{Code: inbox.CodeFileRefused, Outcome: channels.Final, Err: withoutURL(err)}
}

// withoutURL drops the address, which may hold a token, from an error that is
// logged.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
