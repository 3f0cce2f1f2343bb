package api

import (
	_ "embed"
	"fmt"
	"regexp"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gin-gonic/gin"
)

//go:embed openapi.yaml
var document []byte

// role is who may call an operation.
type role string

const (
	// everyone may call; the operation itself looks at visitor tokens.
	everyone   role = ""
	anyAgent   role = "agent"
	adminsOnly role = "admin"
)

// operation is one operation of the contract.
type operation struct {
	route *routers.Route
	role  role
	// files: its JSON carries files, and is larger than others.
	files bool
	// raw: the operation reads its body itself, as it came.
	raw bool
}

// operations are the contract's operations by method and gin's route.
var operations = sync.OnceValues(func() (map[string]operation, error) {
	contract, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	found := map[string]operation{}
	for path, item := range contract.Paths.Map() {
		for method, op := range item.Operations() {
			role, err := roleOf(op)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			// authenticate holds it. The validator would read whole bodies first.
			op.Security = openapi3.NewSecurityRequirements()
			found[method+" "+pathParameter.ReplaceAllString(path, ":$1")] = operation{
				route: &routers.Route{Spec: contract, Path: path, PathItem: item, Method: method, Operation: op},
				role:  role,
				files: op.Extensions["x-files"] == true,
				raw:   op.Extensions["x-raw"] == true,
			}
		}
	}
	return found, nil
})

var pathParameter = regexp.MustCompile(`\{([a-z_]+)\}`)

// roleOf reads x-role. An operation that is protected by the contract's default
// and does not say for whom is an error, so that none is open by oversight.
func roleOf(op *openapi3.Operation) (role, error) {
	if op.Security != nil {
		return everyone, nil
	}
	switch name := op.Extensions["x-role"]; name {
	case string(anyAgent), string(adminsOnly):
		return role(name.(string)), nil
	default:
		return "", fmt.Errorf("x-role is %v", name)
	}
}

// operationOf returns the operation a request was routed to; ok is false for
// routes outside the contract.
func operationOf(c *gin.Context) (operation, bool, error) {
	all, err := operations()
	if err != nil {
		return operation{}, false, err
	}
	op, ok := all[c.Request.Method+" "+c.FullPath()]
	return op, ok, nil
}
