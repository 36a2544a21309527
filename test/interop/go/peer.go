// Go's own implementation of signed notes and of the tree (golang.org/x/mod/sumdb), as a verifier of what Siteseal
// writes. Reads tasks as JSON, one on each line, and answers each with a line: "ok" and what it read, or why not.
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type task struct {
	Kind string
	// A signed note, or a proof as text.
	Text string
	// A verifier key.
	Key string
	// The witness whose cosignature is wanted.
	Witness string
	// An entry.
	Entry string
	Index int64
	From  string
	Proof []string
}

type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one task
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		answer, err := perform(one)
		if err != nil {
			fmt.Printf("no %v\n", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Printf("ok %s\n", answer)
		}
	}
}

func perform(one task) (string, error) {
	switch one.Kind {
	case "checkpoint":
		head, err := openCheckpoint(one.Text, one.Key)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s %d", head.origin, head.size), nil
	case "inclusion":
		return "", checkInclusion(one.Text, one.Key, one.Index, one.Entry, one.Proof)
	case "consistency":
		from, err := openCheckpoint(one.From, one.Key)
		if err != nil {
			return "", err
		}
		to, err := openCheckpoint(one.Text, one.Key)
		if err != nil {
			return "", err
		}
		proof, err := hashes(one.Proof)
		if err != nil {
			return "", err
		}
		return "", tlog.CheckTree(tlog.TreeProof(proof), to.size, to.root, from.size, from.root)
	case "cosignature":
		witness, err := witnessOf(one.Witness)
		if err != nil {
			return "", err
		}
		opened, err := note.Open([]byte(one.Text), note.VerifierList(witness))
		if err != nil {
			return "", err
		}
		if len(opened.Sigs) != 1 {
			return "", errors.New("not one cosignature")
		}
		bytes, err := base64.StdEncoding.DecodeString(opened.Sigs[0].Base64)
		if err != nil {
			return "", err
		}
		return strconv.FormatUint(binary.BigEndian.Uint64(bytes[4:]), 10), nil
	case "proof":
		return checkProof(one.Text, one.Key, one.Entry)
	}
	return "", errors.New("unknown task")
}

// A tlog-proof of C2SP.
func checkProof(text, key, entry string) (string, error) {
	parts := strings.SplitN(text, "\n\n", 2)
	if len(parts) != 2 {
		return "", errors.New("no checkpoint")
	}
	lines := strings.Split(parts[0], "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("another format")
	}
	lines = lines[1:]
	extra := ""
	if strings.HasPrefix(lines[0], "extra ") {
		bytes, err := base64.StdEncoding.DecodeString(lines[0][6:])
		if err != nil {
			return "", err
		}
		extra = string(bytes)
		lines = lines[1:]
	}
	if !strings.HasPrefix(lines[0], "index ") {
		return "", errors.New("no index")
	}
	index, err := strconv.ParseInt(lines[0][6:], 10, 64)
	if err != nil {
		return "", err
	}
	return extra, checkInclusion(parts[1], key, index, entry, lines[1:])
}

func checkInclusion(text, key string, index int64, entry string, encoded []string) error {
	head, err := openCheckpoint(text, key)
	if err != nil {
		return err
	}
	proof, err := hashes(encoded)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(tlog.RecordProof(proof), head.size, head.root, index, tlog.RecordHash([]byte(entry)))
}

func openCheckpoint(text, key string) (*checkpoint, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return nil, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return nil, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, err
	}
	return &checkpoint{lines[0], size, root}, nil
}

func hashes(encoded []string) ([]tlog.Hash, error) {
	list := []tlog.Hash{}
	for _, text := range encoded {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		list = append(list, hash)
	}
	return list, nil
}

// The timestamped Ed25519 cosignature of C2SP tlog-cosignature, which sumdb does not have.
type witness struct {
	name string
	key  ed25519.PublicKey
}

func witnessOf(text string) (*witness, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed witness key")
	}
	bytes, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(bytes) != 33 || bytes[0] != 4 {
		return nil, errors.New("malformed witness key")
	}
	made := &witness{parts[0], ed25519.PublicKey(bytes[1:])}
	if fmt.Sprintf("%08x", made.KeyHash()) != parts[1] {
		return nil, errors.New("wrong key id")
	}
	return made, nil
}

func (w *witness) Name() string { return w.name }

func (w *witness) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(w.name+"\n\x04"), w.key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}
