// Reads BPMN documents as modelling tools do, and tells what in them nobody can make sense of.
import { readFileSync } from "node:fs";
import { BpmnModdle } from "bpmn-moddle";

const told = {};
for (const file of process.argv.slice(2)) {
  const read = await new BpmnModdle().fromXML(readFileSync(file, "utf8"));
  const { rootElements, diagrams } = read.rootElement;
  const process_ = rootElements.find((one) => one.$type === "bpmn:Process");
  told[file] = {
    warnings: read.warnings.map((one) => one.message),
    name: process_.name,
    lanes: process_.laneSets[0].lanes.map((one) => one.name),
    steps: process_.flowElements.map((one) => one.$type),
    shapes: diagrams[0].plane.planeElement.length,
  };
}
console.log(JSON.stringify(told));
