// Command encode prints each row of vectors.txt with the canonical form that Notary's own encoder gives its input.
// Rows that are refused, and comments, stay as they are: what the encoder makes of those is never asked.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/docker/go/canonical/json"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		row := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(row[0], "#") || row[2] == "refused" {
			fmt.Println(lines.Text())
			continue
		}
		decoder := json.NewDecoder(bytes.NewBufferString(row[1]))
		decoder.UseNumber()
		var value interface{}
		if err := decoder.Decode(&value); err != nil {
			log.Fatalf("%s: %v", row[0], err)
		}
		canonical, err := json.MarshalCanonical(value)
		if err != nil {
			log.Fatalf("%s: %v", row[0], err)
		}
		fmt.Printf("%s\t%s\t%s\n", row[0], row[1], visible(canonical))
	}
}

// Bytes that would not show, and the brackets of this notation, as <XX>.
func visible(text []byte) string {
	var out strings.Builder
	for _, b := range text {
		if b < 0x20 || b > 0x7e || b == '<' || b == '>' {
			fmt.Fprintf(&out, "<%02X>", b)
		} else {
			out.WriteByte(b)
		}
	}
	return out.String()
}
