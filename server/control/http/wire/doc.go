// Package wire is what the HTTP API of EMR Serverless looks like on the wire, which its protocol calls restJson1: the shapes of
// requests and answers, how they are read and written, and nothing of what they mean.
//
// Reading is lenient where clients differ and strict where a mistake would pass unnoticed. Unknown members are ignored, as newer
// clients send them; null is absent; a Content-Type is never asked for. A value of another type, a member that is missing and a
// text that is empty are refused, with the name of the member: clients check almost nothing themselves.
//
// Writing is strict: the strictest client reads numbers and texts only where they are expected, times are seconds since 1970, and
// members that the original promises are always there. Every error has a bare type in the header x-amzn-errortype, a message in
// the body and the status of its type, as it is the status by which clients decide whether to try again.
//
// The tag api says what Decode holds of a member: required, blank (a text in it may be empty), min=N.
package wire
