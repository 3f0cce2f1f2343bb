// Package contract is api/openapi.yaml in Go: its schemas as types and its
// operations as an interface that gin routes call. Change the contract, then run
// `go generate ./api/contract`.
package contract

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 --config oapi-codegen.yaml ../openapi.yaml
