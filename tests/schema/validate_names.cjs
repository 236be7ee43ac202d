// Checks names: reads {"licenses": [...], "purls": [...]} from standard input, writes true or false for each to standard output.
const path = require("node:path");
const fs = require("node:fs");
const modules = path.join(process.argv[2], "node_modules");
const isExpression = require(path.join(modules, "spdx-expression-validate"));
const { PackageURL } = require(path.join(modules, "packageurl-js"));

const isPackageURL = (text) => {
    try {
        PackageURL.fromString(text);
        return true;
    } catch {
        return false;
    }
};
const given = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify({ licenses: given.licenses.map(isExpression), purls: given.purls.map(isPackageURL) }));
