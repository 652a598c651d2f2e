// The generators that `make proto` runs. Each program has a module file of its own, so that its dependencies decide no version
// that the product links.
module github.com/headrace/headrace/tools/gen

go 1.26

tool (
	google.golang.org/grpc/cmd/protoc-gen-go-grpc
	google.golang.org/protobuf/cmd/protoc-gen-go
)

require (
	google.golang.org/grpc/cmd/protoc-gen-go-grpc v1.6.2 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
