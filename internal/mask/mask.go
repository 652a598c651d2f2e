package mask

// Text stands for a value that is not shown.
const Text = "*********(redacted)"
