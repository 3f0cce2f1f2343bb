package channels

import (
	"net/http"
	"strings"
)

// ContentType returns a file's media type. It believes what is declared, unless
// that says nothing, or a browser that believed it would be tricked: HTML called a
// picture.
func ContentType(declared string, data []byte) string {
	found, _, _ := strings.Cut(http.DetectContentType(data), ";")
	family, _, _ := strings.Cut(declared, "/")
	switch {
	case declared == "application/octet-stream", !strings.Contains(declared, "/"):
		return found
	case found == "text/html" && family != "text" && family != "message":
		return found
	case family == "image" && declared != "image/svg+xml" && found != "application/octet-stream" && !strings.HasPrefix(found, "image/"):
		return found
	}
	return declared
}
