package release

// archives are PySpark's source archives in the Python package registry, by version of Spark: what pins a release's
// content.
func archives() map[string]source {
	return map[string]source{
		"3.5.1": {size: 316955685, sha256: "dd6569e547365eadc4f887bf57f153e4d582a68c4b490de475d55b9981664910"},
		"3.5.0": {size: 316890381, sha256: "d41a9b76bd2aca370a6100d075c029e22ba44c5940927877e9435a3a9c566558"},
		"3.4.1": {size: 310780928, sha256: "72cd66ab8cf61a75854e5a753f75bea35ee075c3a96f9de4e2a66d02ec7fc652"},
		"3.4.0": {size: 310816775, sha256: "167a23e11854adb37f8602de6fcc3a4f96fd5f1e323b9bb83325f38408c5aafd"},
		"3.3.2": {size: 281376518, sha256: "0dfd5db4300c1f6cc9c16d8dbdfb82d881b4b172984da71344ede1a9d4893da8"},
		"3.3.1": {size: 281393542, sha256: "e99fa7de92be406884bfd831c32b9306a3a99de44cfc39a2eefb6ed07445d5fa"},
		"3.3.0": {size: 281312931, sha256: "7ebe8e9505647b4d124d5a82fca60dfd3891021cf8ad6c5ec88777eeece92cf7"},
	}
}
