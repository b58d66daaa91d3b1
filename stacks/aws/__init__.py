"""The platform `aws`: machines that Terraform makes on AWS."""
