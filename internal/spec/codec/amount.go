package codec

import (
	"fmt"
	"regexp"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// maxAmount bounds the text of an amount in API, in characters.
const maxAmount = 15

// unit is how API takes amounts: whole numbers, as the original.
type unit struct {
	pattern *regexp.Regexp
	needed  string
	parse   func(string) (int64, error)
}

// units has the units by their number.
var units = [...]unit{
	specv1.Unit_UNIT_MILLI_CPU: {
		regexp.MustCompile(`^[1-9][0-9]*\s?(vCPU|vcpu|VCPU)?$`),
		"a whole number of vCPU above 0, such as 4vCPU or 4",
		resource.ParseCPU,
	},
	specv1.Unit_UNIT_MEMORY_MIB: {
		regexp.MustCompile(`^[1-9][0-9]*\s?(GB|gb|gB|Gb)?$`),
		"a whole number of GB above 0, such as 16GB or 16",
		resource.ParseMiB,
	},
	specv1.Unit_UNIT_DISK_MIB: {
		regexp.MustCompile(`^[1-9][0-9]*\s?(GB|gb|gB|Gb)$`),
		"a whole number of GB above 0 with its unit, such as 20GB",
		resource.ParseMiB,
	},
}

// amount reads an amount with its unit.
func (d *decoder) amount(n *Node, of specv1.Unit) (protoreflect.Value, bool) {
	if !d.is(n, Text, "a string", "give an amount") {
		return protoreflect.Value{}, false
	}
	u := units[of]
	if d.dialect == API && (len(n.Text) > maxAmount || !u.pattern.MatchString(n.Text)) {
		d.problem(n.Line, "%.60q is not %s, of at most %d characters", n.Text, u.needed, maxAmount)
		return protoreflect.Value{}, false
	}
	number, err := u.parse(n.Text)
	if err != nil {
		d.problem(n.Line, "%s", err)
	}
	return protoreflect.ValueOfInt64(number), err == nil
}

// Amount writes a number with its unit, as a dialect does; 0 is no text. API knows whole GB only, and is told more
// rather than less.
func (d Dialect) Amount(number int64, of specv1.Unit) string {
	switch {
	case number == 0:
		return ""
	case of == specv1.Unit_UNIT_MILLI_CPU:
		return resource.FormatCPU(number) + " vCPU"
	case d == API:
		return fmt.Sprintf("%d GB", (number+1023)/1024)
	case number%1024 == 0:
		return strconv.FormatInt(number/1024, 10) + " GB"
	}
	return strconv.FormatInt(number, 10) + " MB"
}
