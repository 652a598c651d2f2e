package wire

// TagResourceRequest says what to tag a resource with.
type TagResourceRequest struct {
	Tags Tags `json:"tags" api:"required,blank"`
}

// ListTagsForResourceResponse is a resource's tags.
type ListTagsForResourceResponse struct {
	Tags Tags `json:"tags"`
}
