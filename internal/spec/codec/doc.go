// Package codec reads and writes messages of proto/headrace as people and programs write them: in bodies of the HTTP
// API, in YAML and JSON files, and in flags. It knows no message by name. Names come from json_name, and the options of
// proto/headrace/spec/v1/options.proto say the rest: a number with a unit is written as an amount (4 vCPU, 16 GB), and
// a message that is bare is written as its one list. Values of an enum are written without the enum's prefix:
// ENGINE_SPARK is SPARK.
//
// What was written is a Node first: a tree of objects, lists and single values. A Dialect makes a message of it, and a
// tree of a message.
//
//	API   what clients of the HTTP API send. A member that is not known is ignored, as newer clients send it, and null
//	      is absent. A value has to be of its type; a text may not be empty, unless it is one of a list or a map.
//	File  what people write. A name that is not known is a problem, told with the nearest one, and so is a name given
//	      twice or without a value. A text may be written as a number, and a name may begin with a capital.
//
// In API an empty text is refused, because the original refuses it; in File a field with an empty text is absent.
// Elements of lists and values of maps may be empty texts, unless the option line of their field says that they are
// names of a kind. A null among them is, in API, a value without content.
//
// Decoding goes on after a problem, so that one run tells all of them. What a message means is not known here: that
// something is missing, or out of its range, is for package spec to say, in the names of the protos; Path turns those
// into the names of a dialect.
//
// Reading is bounded in depth and in number of values, so that a small text with aliases cannot become a large tree.
//
//	node.go     the tree; json_read.go, json_text.go, json_write.go and yaml.go read and write it
//	            (a file or a flag of JSON is read as JSON: not all of that is YAML)
//	dialect.go  the two dialects
//	decode.go   a message of a tree: decode_object.go, decode_list.go, decode_scalar.go; encode.go: a tree of a message
//	option.go   how a field is written, by its options; amount.go, enum.go and time.go do it
//	problem.go  what is wrong; route.go: where; nearest.go: what may have been meant
//	leaf.go     a message as a list of paths and texts, for comparing
//	path.go     the paths of the protos as paths of a dialect; words.go: the same in messages for people
package codec
