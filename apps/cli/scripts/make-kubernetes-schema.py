"""Writes the published JSON schema of a Kubernetes Job, for the test of the manifests of sweeps.

    pip install kubernetes-validate==VERSION
    python apps/cli/scripts/make-kubernetes-schema.py

The strict schema, which refuses unknown fields, without descriptions. Of a pod's volumes and of other
parts that no manifest of fixres has, only the names stay.
"""

import json
import pathlib
from importlib.metadata import version

import kubernetes_validate

KUBERNETES = '1.29.0'  # the first with backoffLimitPerIndex by default
UNUSED = (
    'affinity ephemeralContainers initContainers lifecycle livenessProbe readinessProbe startupProbe '
    'securityContext topologySpreadConstraints dnsConfig managedFields ownerReferences status '
    'valueFrom envFrom'
).split()

folder = pathlib.Path(kubernetes_validate.__file__).parent / f'kubernetes-json-schema/v{KUBERNETES}-local-strict'
definitions = {}


def load(name):
    return json.loads((folder / name).read_text())


def plain(value, within=''):
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if '$ref' in value:
        name = value['$ref'].removesuffix('.json').split('/')[-1]
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = plain(source['$defs'][name])
        return {'$ref': f'#/$defs/{name}'}
    result = {}
    for key, each in value.items():
        if key == 'description' and isinstance(each, str) or key.startswith('x-kubernetes'):
            continue
        if within == 'properties' and key in UNUSED:
            result[key] = {}
        elif within == 'properties' and key == 'volumes':
            result[key] = {'type': 'array'}
        else:
            result[key] = plain(each, key)
    return result


source = load('_definitions.json')
root = plain(source['$defs']['io.k8s.api.batch.v1.Job'])
schema = {
    '$comment': f'Kubernetes {KUBERNETES}, from kubernetes-validate {version("kubernetes-validate")}; see scripts/make-kubernetes-schema.py',
    **root,
    '$defs': definitions,
}
target = pathlib.Path(__file__).parent.parent / 'src/sweep/fixtures/kubernetes-job.json'
target.parent.mkdir(exist_ok=True)
target.write_text(json.dumps(schema, indent=1) + '\n')
print(target.stat().st_size, 'bytes,', len(definitions), 'definitions')
