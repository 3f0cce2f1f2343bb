package imap

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// position is how far a folder was read. UIDs only grow for as long as
// UIDVALIDITY stays the same (RFC 9051, 2.3.1.1).
type position struct {
	validity uint32
	last     imap.UID
	// until is where a resync ends; 0 when there is none.
	until imap.UID
}

// String is the cursor: "<UIDVALIDITY>/<last UID>", in a resync with
// "/<its end>".
func (p position) String() string {
	if p.until != 0 {
		return fmt.Sprintf("%d/%d/%d", p.validity, p.last, p.until)
	}
	return fmt.Sprintf("%d/%d", p.validity, p.last)
}

// parsePosition returns the zero position, which is in no folder, for what is no
// cursor.
func parsePosition(cursor string) position {
	var numbers [3]uint32
	parts := strings.Split(cursor, "/")
	if len(parts) > len(numbers) {
		return position{}
	}
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return position{}
		}
		numbers[i] = uint32(number)
	}
	return position{validity: numbers[0], last: imap.UID(numbers[1]), until: imap.UID(numbers[2])}
}
