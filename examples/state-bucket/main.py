"""The S3 bucket for the Terraform states of all other stacks. Deploy it once, by hand."""

from cdktf import App, TerraformOutput, TerraformStack

from cdktf_mesos.aws import StateBucket, bindings

NAME = "example-terraform-states"  # bucket names are unique in all of AWS: choose your own
REGION = "eu-central-1"

app = App()
stack = TerraformStack(app, "state-bucket")
bindings.AwsProvider(stack, "aws", region=REGION)
states = StateBucket(stack, "states", name=NAME, region=REGION, tags={"ManagedBy": "cdktf-mesos"})
TerraformOutput(stack, "bucket", value=states.name)
app.synth()
