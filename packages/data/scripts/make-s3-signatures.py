"""Writes src/fixtures/s3-signatures.json: requests for objects of S3, as botocore signs them.

    pip install botocore==1.43.11
    python3 make-s3-signatures.py
"""

import datetime
import json
import pathlib
from unittest import mock

import botocore
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AT = datetime.datetime(2026, 11, 30, 12, 34, 56, tzinfo=datetime.timezone.utc)
# The keys of Amazon's documentation.
ID, SECRET = 'AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

CASES = [
    dict(bucket='photos', key='train-000.tar', region='eu-central-1'),
    dict(bucket='photos', key='a folder/über + (1)!/train~000.tar', region='us-east-1', token='a/token+=='),
    dict(bucket='my.photos', key='x.tar', region='us-west-2'),
    dict(bucket='photos', key='deep/x=1&y.tar', region='us-east-1', endpoint='https://minio.example.org:9000'),
    dict(
        bucket='photos',
        key='',
        region='us-east-1',
        query={'continuation-token': 'a+b/c==', 'encoding-type': 'url', 'list-type': '2', 'prefix': 'a folder/ü'},
    ),
]


def url_of(case):
    from botocore.utils import percent_encode, percent_encode_sequence

    host = case.get('endpoint') or (
        f"https://s3.{case['region']}.amazonaws.com"
        if '.' in case['bucket']
        else f"https://{case['bucket']}.s3.{case['region']}.amazonaws.com"
    )
    in_path = 'endpoint' in case or '.' in case['bucket']
    path = f"/{case['bucket']}" if in_path else ''
    url = f"{host}{path}/{percent_encode(case['key'], safe='/-._~')}"
    return f'{url}?{percent_encode_sequence(case["query"])}' if 'query' in case else url


def signed(case):
    request = AWSRequest('GET', url_of(case))
    # What S3's client sets for a request over TLS.
    request.context['client_config'] = mock.Mock(s3={'payload_signing_enabled': False})
    credentials = Credentials(ID, SECRET, case.get('token'))
    clock = mock.Mock(wraps=datetime.datetime)
    clock.utcnow.return_value = AT.replace(tzinfo=None)
    clock.now.return_value = AT
    with mock.patch('botocore.auth.datetime', mock.Mock(datetime=clock)), mock.patch(
        'botocore.auth.get_current_datetime', return_value=AT.replace(tzinfo=None), create=True
    ):
        S3SigV4Auth(credentials, 's3', case['region']).add_auth(request)
    names = ['Authorization', 'X-Amz-Date', 'X-Amz-Content-SHA256', 'X-Amz-Security-Token']
    headers = {name.lower(): request.headers[name] for name in names if name in request.headers}
    return {**case, 'url': request.url, 'headers': headers}


def main():
    out = pathlib.Path(__file__).parent.parent / 'src/fixtures/s3-signatures.json'
    content = {
        'botocore': botocore.__version__,
        'at': AT.isoformat().replace('+00:00', 'Z'),
        'accessKeyId': ID,
        'secretAccessKey': SECRET,
        'requests': [signed(case) for case in CASES],
    }
    out.write_text(json.dumps(content, indent=2, ensure_ascii=False) + '\n')


main()
