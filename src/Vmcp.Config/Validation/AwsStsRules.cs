using System.Text.RegularExpressions;

using Vmcp.Config.Model;
using Vmcp.Core.Expressions;

namespace Vmcp.Config.Validation;

/// <summary>The rules of <c>awsSts</c> (auth-and-ops 3.3).</summary>
/// <param name="at">Where the block is.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed partial class AwsStsRules(string at, ProblemList problems)
{
    public void Check(AwsStsConfig block)
    {
        if (Ensure.Required(block.Region, $"{at}.region", "required for aws_sts", problems) && !Region().IsMatch(block.Region!))
        {
            // It becomes a part of the host name that the caller's token is sent to.
            problems.Error($"{at}.region", $"\"{block.Region}\" is not an AWS region", "write for example eu-central-1");
        }

        if (block.FallbackRoleArn is null && block.RoleMappings.IsEmpty)
            problems.Error(at, "needs fallbackRoleArn or at least one of roleMappings");
        Arn(block.FallbackRoleArn, $"{at}.fallbackRoleArn");
        for (int i = 0; i < block.RoleMappings.Count; i++)
            Mapping(block.RoleMappings[i], $"{at}.roleMappings[{i}]");
        Ensure.Range(block.SessionDuration, 900, 43200, $"{at}.sessionDuration", problems);
        if (block.Service is not null && !Service().IsMatch(block.Service))
            problems.Error($"{at}.service", $"\"{block.Service}\" is not the signing name of an AWS service", "write for example bedrock-agentcore");
        else if (block.Service == "s3")
            problems.Error($"{at}.service", "requests to S3 are signed in another way, which is not supported");
        Ensure.NotEmpty(block.RoleClaim, $"{at}.roleClaim", problems);
        Ensure.NotEmpty(block.SessionNameClaim, $"{at}.sessionNameClaim", problems);
        Ensure.NotEmpty(block.SubjectProviderName, $"{at}.subjectProviderName", problems);
    }

    private void Mapping(RoleMappingConfig mapping, string item)
    {
        if (string.IsNullOrEmpty(mapping.Claim) == string.IsNullOrEmpty(mapping.Matcher))
            problems.Error(item, "needs exactly one of claim and matcher");
        if (!string.IsNullOrEmpty(mapping.Matcher) && !ClaimExpression.TryParse(mapping.Matcher, out _, out ExpressionProblem? problem))
            problems.Error($"{item}.matcher", $"character {problem.Position}: {problem.What}", problem.Remedy);
        if (Ensure.Required(mapping.RoleArn, $"{item}.roleArn", "required: the role of this mapping", problems))
            Arn(mapping.RoleArn, $"{item}.roleArn");
        Ensure.Range(mapping.Priority, 0, int.MaxValue, $"{item}.priority", problems);
    }

    private void Arn(string? arn, string where)
    {
        if (arn is not null && !RoleArn().IsMatch(arn))
            problems.Error(where, $"\"{arn}\" is not the ARN of a role", "write for example arn:aws:iam::123456789012:role/name");
    }

    [GeneratedRegex(@"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Region();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Service();

    [GeneratedRegex(@"^arn:[a-z0-9-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+\z", RegexOptions.CultureInvariant | RegexOptions.ECMAScript)]
    private static partial Regex RoleArn();
}
