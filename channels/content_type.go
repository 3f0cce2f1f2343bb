package channels

import (
	"net/http"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// ContentType returns a file's media type. It believes what is declared, unless
// that says nothing, it is another kind of picture, or a browser that believed it
// would be tricked: HTML called a picture.
func ContentType(declared string, data []byte) string {
	found, _, _ := strings.Cut(http.DetectContentType(data), ";")
	if found == "application/zip" || found == "application/octet-stream" {
		found, _, _ = strings.Cut(mimetype.Detect(data).String(), ";") // it knows Office's
	}
	family, _, _ := strings.Cut(declared, "/")
	switch {
	case declared == "application/octet-stream", !strings.Contains(declared, "/"):
		return found
	case found == "text/html" && family != "text" && family != "message":
		return found
	case family == "image" && declared != "image/svg+xml" && found != "application/octet-stream":
		return found
	}
	return declared
}
