"""The bucket for the states of everything else: deployed once, by hand."""

from cdktf import App, TerraformOutput, TerraformStack

from cdktf_mesos.aws import StateBucket, bindings

NAME = "example-terraform-states"  # of all buckets in AWS, so yours is another
REGION = "eu-central-1"

app = App()
stack = TerraformStack(app, "state-bucket")
bindings.AwsProvider(stack, "aws", region=REGION)
states = StateBucket(stack, "states", name=NAME, region=REGION, tags={"ManagedBy": "cdktf-mesos"})
TerraformOutput(stack, "bucket", value=states.name)
app.synth()
