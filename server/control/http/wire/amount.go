package wire

import (
	"fmt"
	"regexp"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
)

// maxAmount bounds the text of an amount, in characters.
const maxAmount = 15

var (
	cpuAmount    = regexp.MustCompile(`^[1-9][0-9]*\s?(vCPU|vcpu|VCPU)?$`)
	memoryAmount = regexp.MustCompile(`^[1-9][0-9]*\s?(GB|gb|gB|Gb)?$`)
	diskAmount   = regexp.MustCompile(`^[1-9][0-9]*\s?(GB|gb|gB|Gb)$`)
)

// CPU reads an amount of vCPU, such as 4vCPU, in thousandths.
func CPU(field, text string) (int64, error) {
	if len(text) > maxAmount || !cpuAmount.MatchString(text) {
		return 0, errs.Field(field, "%.60q is not a whole number of vCPU above 0, such as 4vCPU or 4, of at most %d characters", text, maxAmount)
	}
	return amount(field, text, resource.ParseCPU)
}

// Memory reads an amount of memory, such as 16GB, in MiB.
func Memory(field, text string) (int64, error) {
	if len(text) > maxAmount || !memoryAmount.MatchString(text) {
		return 0, errs.Field(field, "%.60q is not a whole number of GB above 0, such as 16GB or 16, of at most %d characters", text, maxAmount)
	}
	return amount(field, text, resource.ParseMiB)
}

// Disk reads an amount of disk, such as 20GB, in MiB; its unit has to be there. An empty text is none.
func Disk(field, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if len(text) > maxAmount || !diskAmount.MatchString(text) {
		return 0, errs.Field(field, "%.60q is not a whole number of GB above 0 with its unit, such as 20GB, of at most %d characters", text, maxAmount)
	}
	return amount(field, text, resource.ParseMiB)
}

func amount(field, text string, parse func(string) (int64, error)) (int64, error) {
	n, err := parse(text)
	if err != nil {
		return 0, errs.Field(field, "%w", err)
	}
	return n, nil
}

// FormatCPU writes thousandths of a vCPU as the original does; 0 is no text.
func FormatCPU(milli int64) string {
	if milli == 0 {
		return ""
	}
	return resource.FormatCPU(milli) + " vCPU"
}

// FormatGB writes MiB as the original does; 0 is no text.
func FormatGB(mib int64) string {
	if mib == 0 {
		return ""
	}
	return fmt.Sprintf("%d GB", (mib+1023)/1024)
}
