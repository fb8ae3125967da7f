// Command cross answers what golang.org/x/mod/sumdb says of logs and notes: a question on each line of standard input,
// its answer on a line of standard output, both in JSON.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A question names what is asked, and holds what that needs; sizes are decimal strings, bytes and hashes base64.
type question struct {
	Ask string `json:"ask"`

	Leaves [][]byte          `json:"leaves"`
	Size   int64             `json:"size,string"`
	Index  int64             `json:"index,string"`
	From   int64             `json:"from,string"`
	Leaf   tlog.Hash         `json:"leaf"`
	Root   tlog.Hash         `json:"root"`
	Older  tlog.Hash         `json:"older"`
	Proof  []tlog.Hash       `json:"proof"`
	Tiles  map[string][]byte `json:"tiles"`

	Name  string   `json:"name"`
	Text  string   `json:"text"`
	Note  []byte   `json:"note"`
	Vkeys []string `json:"vkeys"`
	Skeys []string `json:"skeys"`
}

type answer map[string]interface{}

// stored holds the hashes of the log that was told last.
var stored []tlog.Hash

var reader = tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(stored)) {
			return nil, fmt.Errorf("no hash %d is stored", index)
		}
		hashes[i] = stored[index]
	}
	return hashes, nil
})

var answers = map[string]func(question) (answer, error){
	"log": func(q question) (answer, error) {
		stored = nil
		for n, leaf := range q.Leaves {
			hashes, err := tlog.StoredHashes(int64(n), leaf, reader)
			if err != nil {
				return nil, err
			}
			stored = append(stored, hashes...)
		}
		return answer{}, nil
	},
	"root": func(q question) (answer, error) {
		root, err := tlog.TreeHash(q.Size, reader)
		return answer{"root": root}, err
	},
	"inclusion": func(q question) (answer, error) {
		proof, err := tlog.ProveRecord(q.Size, q.Index, reader)
		return answer{"proof": proof}, err
	},
	"consistency": func(q question) (answer, error) {
		proof, err := tlog.ProveTree(q.Size, q.From, reader)
		return answer{"proof": proof}, err
	},
	"isIncluded": func(q question) (answer, error) {
		return answer{}, tlog.CheckRecord(q.Proof, q.Size, q.Root, q.Index, q.Leaf)
	},
	"isConsistent": func(q question) (answer, error) {
		return answer{}, tlog.CheckTree(q.Proof, q.Size, q.Root, q.From, q.Older)
	},
	"tiles":     tilesOf,
	"fromTiles": fromTiles,
	"checkpoint": func(q question) (answer, error) {
		tree, err := tlog.ParseTree([]byte(q.Text))
		return answer{"text": string(tlog.FormatTree(tree))}, err
	},
	"keys": func(q question) (answer, error) {
		skey, vkey, err := note.GenerateKey(rand.Reader, q.Name)
		return answer{"skey": skey, "vkey": vkey}, err
	},
	"isKey": func(q question) (answer, error) {
		_, err := verifiers(q.Vkeys)
		return answer{}, err
	},
	"sign": sign,
	"open": open,
}

// tilesOf gives the tiles of the log at a size, the widest of each place.
func tilesOf(q question) (answer, error) {
	widest := map[[2]int64]tlog.Tile{}
	for _, tile := range tlog.NewTiles(8, 0, q.Size) {
		widest[[2]int64{int64(tile.L), tile.N}] = tile
	}
	tiles := map[string][]byte{}
	for _, tile := range widest {
		data, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return nil, err
		}
		tiles[tile.Path()] = data
	}
	return answer{"tiles": tiles}, nil
}

// given reads the tiles that came with a question.
type given map[string][]byte

func (g given) Height() int                         { return 8 }
func (g given) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (g given) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, ok := g[tile.Path()]
		if !ok {
			return nil, fmt.Errorf("there is no %s", tile.Path())
		}
		data[i] = bytes
	}
	return data, nil
}

// fromTiles proves from the tiles of another, each of which it checks against the root.
func fromTiles(q question) (answer, error) {
	hashes := tlog.TileHashReader(tlog.Tree{N: q.Size, Hash: q.Root}, given(q.Tiles))
	inclusion, err := tlog.ProveRecord(q.Size, q.Index, hashes)
	if err != nil {
		return nil, err
	}
	consistency, err := tlog.ProveTree(q.Size, q.From, hashes)
	return answer{"inclusion": inclusion, "consistency": consistency}, err
}

func verifiers(vkeys []string) (note.Verifiers, error) {
	var known []note.Verifier
	for _, vkey := range vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, err
		}
		known = append(known, verifier)
	}
	return note.VerifierList(known...), nil
}

func sign(q question) (answer, error) {
	var signers []note.Signer
	for _, skey := range q.Skeys {
		signer, err := note.NewSigner(skey)
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
	}
	signed, err := note.Sign(&note.Note{Text: q.Text}, signers...)
	return answer{"note": signed}, err
}

func open(q question) (answer, error) {
	known, err := verifiers(q.Vkeys)
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(q.Note, known)
	if err != nil {
		return nil, err
	}
	return answer{"text": opened.Text, "by": names(opened.Sigs), "others": names(opened.UnverifiedSigs)}, nil
}

func names(signatures []note.Signature) []string {
	names := []string{}
	for _, signature := range signatures {
		names = append(names, signature.Name)
	}
	return names
}

func answerTo(line []byte) answer {
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return answer{"malformed": err.Error()}
	}
	ask, ok := answers[q.Ask]
	if !ok {
		return answer{"malformed": "nobody knows how to answer " + q.Ask}
	}
	said, err := ask(q)
	if err != nil {
		return answer{"refused": err.Error()}
	}
	return said
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	said := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := said.Encode(answerTo(line)); err != nil {
			log.Fatal(err)
		}
	}
}
