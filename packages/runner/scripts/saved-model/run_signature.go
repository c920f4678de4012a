// Runs a signature of a SavedModel, with the arguments and the output of run_signature.py.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	tf "github.com/wamuir/graft/tensorflow"
)

func main() {
	model, err := tf.LoadSavedModel(os.Args[1], []string{"serve"}, nil)
	check(err)
	defer model.Session.Close()
	signature := model.Signatures[os.Args[2]]
	input := end(model, signature.Inputs[os.Args[3]])
	output := end(model, signature.Outputs["output"])
	value := tensor(os.Args[4], os.Args[5], os.Args[6:])
	results, err := model.Session.Run(map[tf.Output]*tf.Tensor{input: value}, []tf.Output{output}, nil)
	check(err)
	for _, row := range results[0].Value().([][]float32) {
		for _, number := range row {
			fmt.Println(number)
		}
	}
}

func tensor(kind string, sides string, files []string) *tf.Tensor {
	contents := make([]string, len(files))
	for i, file := range files {
		content, err := os.ReadFile(file)
		check(err)
		contents[i] = string(content)
	}
	if kind == "string" {
		value, err := tf.NewTensor(contents)
		check(err)
		return value
	}
	var shape []int64
	for _, side := range strings.Split(sides, ",") {
		number, err := strconv.ParseInt(side, 10, 64)
		check(err)
		shape = append(shape, number)
	}
	types := map[string]tf.DataType{"float32": tf.Float, "uint8": tf.Uint8}
	value, err := tf.ReadTensor(types[kind], shape, bytes.NewReader([]byte(contents[0])))
	check(err)
	return value
}

func end(model *tf.SavedModel, info tf.TensorInfo) tf.Output {
	name, _, _ := strings.Cut(info.Name, ":")
	return model.Graph.Operation(name).Output(0)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
