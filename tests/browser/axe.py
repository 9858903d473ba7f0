"""axe-core, the judge of accessibility, one file of npm's registry: fetched once into the build folder, at one version whose
bytes are known. Where npm or the network is missing the tests that need it are skipped aloud."""
import hashlib
import os
import shutil
import subprocess
import tarfile

VERSION = "4.10.3"
SHA256 = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"      # of axe.min.js
LIMIT_SECONDS = 60


class Missing(Exception):
    """The text says why, and what would help."""


def source(folder):
    """The text of axe.min.js. Raises Missing."""
    path = os.path.join(folder, "axe-core-%s.min.js" % VERSION)
    if not os.path.exists(path):
        fetch(folder, path)
    with open(path, "rb") as script:
        text = script.read()
    if hashlib.sha256(text).hexdigest() != SHA256:
        os.remove(path)
        raise Missing("axe-core %s is not the file it should be" % VERSION)
    return text.decode("utf-8")


def fetch(folder, path):
    npm = shutil.which("npm")
    if not npm:
        raise Missing("npm is not installed: apt-get install npm")
    try:
        packed = subprocess.run([npm, "pack", "--silent", "axe-core@" + VERSION], cwd=folder, timeout=LIMIT_SECONDS,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, text=True)
    except (subprocess.SubprocessError, OSError) as failure:
        raise Missing("npm could not fetch axe-core: %s" % failure)
    archive = os.path.join(folder, packed.stdout.split()[-1])
    with tarfile.open(archive) as package, open(path, "wb") as out:
        out.write(package.extractfile("package/axe.min.js").read())
    os.remove(archive)


def faults(driver, script):
    """Lines, one for each serious or critical fault of the page the browser shows."""
    driver.execute_script(script)
    found = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']}).then((result) => done(result.violations), (e) => done([{id: String(e),"
        " impact: 'critical', nodes: []}]));")
    return ["%s (%s): %s" % (fault["id"], fault["impact"], node["html"])
            for fault in found if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"] or [{"html": ""}]]
