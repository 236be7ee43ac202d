// Validates CycloneDX documents: reads a JSON array of them from standard input, writes null or the faults of each to standard output.
const path = require("node:path");
const fs = require("node:fs");
const cyclonedx = require(path.join(process.argv[2], "node_modules", "@cyclonedx", "cyclonedx-library"));

const documents = JSON.parse(fs.readFileSync(0, "utf8"));
const validators = new Map();
const validate = (document) => {
    const version = document.specVersion;
    if (!validators.has(version)) {
        validators.set(version, new cyclonedx.Validation.JsonStrictValidator(version));
    }
    return validators.get(version).validate(JSON.stringify(document));
};
Promise.all(documents.map(validate)).then(
    (faults) => console.log(JSON.stringify(faults)),
    (failure) => {
        console.error(String(failure));
        process.exit(1);
    },
);
