// Validates CycloneDX 1.6 documents: a JSON array of them on standard input, for each null or its faults on standard output.
const path = require("node:path");
const fs = require("node:fs");
const cyclonedx = require(path.join(process.argv[2], "node_modules", "@cyclonedx", "cyclonedx-library"));

const validator = new cyclonedx.Validation.JsonStrictValidator(cyclonedx.Spec.Version.v1dot6);
const documents = JSON.parse(fs.readFileSync(0, "utf8"));
Promise.all(documents.map((document) => validator.validate(JSON.stringify(document)))).then(
    (faults) => console.log(JSON.stringify(faults)),
    (failure) => {
        console.error(String(failure));
        process.exit(1);
    },
);
